Console.WriteLine("TradingBot");

using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace TradingBot;

/// <summary>The bot's own copy of its settings files, which it may edit while it runs.</summary>
internal sealed class SettingsCopy : IDisposable
{
    private const string Main = "appsettings.json";
    private const string Demo = "appsettings.Demo.json";
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("TradingBot-");

    public SettingsCopy()
    {
        foreach (var name in (string[])[Main, Demo])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(_folder.FullName, name));
        }
    }

    /// <summary>The files as configuration, followed when they change.</summary>
    public IConfigurationBuilder AddTo(IConfigurationBuilder builder) => builder
        .SetBasePath(_folder.FullName)
        .AddJsonFile(Main, optional: false, reloadOnChange: true)
        .AddJsonFile(Demo, optional: false, reloadOnChange: false);

    /// <summary>Writes a row of the policy matrix into appsettings.json, as one would by hand.</summary>
    /// <param name="selector">Such as -1001.</param>
    /// <param name="action">What the row says.</param>
    public void SetPolicy(string selector, string action)
    {
        var path = Path.Combine(_folder.FullName, Main);
        var root = JsonNode.Parse(File.ReadAllText(path), documentOptions: WithComments)!;
        root["ExchangeErrorHandling"]!["Policies"] = new JsonObject { [selector] = new JsonObject { ["Action"] = action } };

        // Moved into place, so that nobody reads half a file.
        var draft = path + ".new";
        File.WriteAllText(draft, root.ToJsonString());
        File.Move(draft, path, overwrite: true);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

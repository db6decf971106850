using ExchangeResilience.Tests.Policies;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Tests.Handling;

/// <summary>What a builder's calls do to a client: in which order settings hold, what a name without a client does, and how everything is taken off again.</summary>
public sealed class RegistrationTests
{
    private const string Host = "https://fapi.test";

    [Fact]
    public void Code_has_the_last_word_over_the_section_wherever_it_is_called()
    {
        var section = Json.Parse("""{"X":{"TotalTimeout":"20s","MaxWait":"7s"}}""").GetSection("X");
        var services = new ServiceCollection();
        services.AddHttpClient("futures")
            .ConfigureExchangeErrorHandling(static options => options.TotalTimeout = TimeSpan.FromSeconds(40))
            .AddExchangeErrorHandling(section)
            .ConfigureExchangeErrorHandling(static options => options.TotalTimeout += TimeSpan.FromSeconds(1));
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptionsFactory<ExchangeErrorHandlingOptions>>().Create("futures");

        (options.TotalTimeout, options.MaxWait).ShouldBe((TimeSpan.FromSeconds(41), TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public void Of_sections_and_code_that_change_a_client_the_later_wins_wherever_the_first_section_is_added()
    {
        var settings = Json.Parse("""
            {"All":{"TotalTimeout":"20s","MaxWait":"7s","AttemptTimeout":"5s","Policies":{"-1008":{"MaxAttempts":7,"BaseDelay":"3s"}}},
             "Own":{"TotalTimeout":"40s","MaxWait":"9s","Policies":{"-1008":{"BaseDelay":"4s"}}}}
            """);
        var services = new ServiceCollection();
        services.AddHttpClient("futures")
            .ConfigureExchangeErrorHandling(static options => options.TotalTimeout = TimeSpan.FromSeconds(50))
            .ConfigureExchangeErrorHandling(settings.GetSection("Own"))
            .ConfigureExchangeErrorHandling(static options => options.MaxWait = TimeSpan.FromSeconds(11))
            .AddExchangeErrorHandling(settings.GetSection("All"));
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptionsFactory<ExchangeErrorHandlingOptions>>().Create("futures");

        (options.TotalTimeout, options.MaxWait, options.AttemptTimeout).ShouldBe((TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(5)));
        (options.Policies["-1008"].MaxAttempts, options.Policies["-1008"].BaseDelay).ShouldBe((7, TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public void A_section_that_changes_a_client_is_followed_while_the_program_runs_and_its_faults_name_it()
    {
        IConfigurationRoot settings = new ConfigurationManager { ["All:MaxWait"] = "7s", ["Own:TotalTimeout"] = "40s" };
        var services = new ServiceCollection();
        services.AddHttpClient("futures").AddExchangeErrorHandling(settings.GetSection("All")).ConfigureExchangeErrorHandling(settings.GetSection("Own"));
        using var provider = services.BuildServiceProvider();
        var source = provider.GetRequiredService<ClientSettingsRegistry>().For("futures");

        Change("Own:TotalTimeout", "50s");
        var changed = source.Current.Options;

        (changed.TotalTimeout, changed.MaxWait).ShouldBe((TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(7)));
        Refused("Own:TotalTimeout", "soon").ShouldHaveSingleItem().ShouldStartWith("Own:TotalTimeout: 'soon' is not a duration");
        Change("Own:TotalTimeout", "50s");
        Refused("Own:AttemptTimeout", "2h")[0].ShouldStartWith("client 'futures' (All, Own): AttemptTimeout: '2h' is out of range");
        Change("Own:AttemptTimeout", "5s");
        Refused("Own:TotalTimeuot", "60s").ShouldHaveSingleItem().ShouldStartWith("Own:TotalTimeuot: unknown key");
        source.Current.Options.TotalTimeout.ShouldBe(TimeSpan.FromSeconds(50));

        IReadOnlyList<string> Refused(string key, string value)
        {
            Change(key, value);
            source.LastReload.ShouldNotBeNull().Accepted.ShouldBeFalse();
            return source.LastReload.Faults;
        }

        void Change(string key, string value)
        {
            settings[key] = value;
            settings.Reload();
        }
    }

    [Fact]
    public void A_section_that_changes_a_client_in_code_is_the_only_one_and_has_its_path_in_the_faults()
    {
        var settings = Json.Parse("""{"Own":{"TotalTimeout":"400h"}}""");
        var services = new ServiceCollection();
        services.AddHttpClient("futures").AddExchangeErrorHandling().ConfigureExchangeErrorHandling(settings.GetSection("Own"));
        using var provider = services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<ClientSettingsRegistry>().For("futures")).Failures.First().ShouldStartWith("Own:TotalTimeout: '400h' is out of range");
    }

    [Fact]
    public async Task A_section_that_changes_a_client_without_error_handling_or_is_missing_stops_the_program_at_its_start()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Own:TotalTimeout"] = "40s";
        builder.Services.AddHttpClient("futures").AddExchangeErrorHandling().ConfigureExchangeErrorHandling(builder.Configuration.GetSection("Nowhere"));
        builder.Services.AddHttpClient("spot").ConfigureExchangeErrorHandling(builder.Configuration.GetSection("Own"));
        using var host = builder.Build();

        var message = (await Should.ThrowAsync<AggregateException>(() => host.StartAsync())).ToString();

        message.ShouldContain("'spot'");
        message.ShouldContain("Nowhere: the section is missing or empty");
    }

    [Theory]
    [InlineData("futrues")]
    [InlineData("")]
    public async Task Settings_for_a_name_that_no_client_bears_stop_the_program_at_its_start(string name)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHttpClient("futures").AddExchangeErrorHandling();
        builder.Services.Configure<ExchangeErrorHandlingOptions>(name, static options => options.ThrowOnError = true);
        using var host = builder.Build();

        var thrown = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        thrown.Message.ShouldContain($"client '{name}'");
        thrown.Message.ShouldContain("futures");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_builder_without_error_handling_that_sets_it_stops_the_program_at_its_start(bool hasAnother)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (hasAnother)
        {
            builder.Services.AddHttpClient("futures").AddExchangeErrorHandling();
        }

        builder.Services.AddHttpClient("spot").ConfigureExchangeErrorHandling(static options => options.ThrowOnError = true);
        using var host = builder.Build();

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync())).Message.ShouldContain("'spot'");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_section_that_is_missing_because_its_file_is_says_which_folder_was_searched(bool isThere)
    {
        var folder = Directory.CreateTempSubdirectory("settings-");
        try
        {
            if (isThere)
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), "{}", TestContext.Current.CancellationToken);
            }

            var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder.FullName });
            builder.Services.AddHttpClient("futures").AddExchangeErrorHandling(builder.Configuration.GetSection("ExchangeErrorHandling"));
            using var host = builder.Build();

            var message = (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync())).Message;

            message.ShouldContain("ExchangeErrorHandling: the section is missing or empty");
            message.Contains(folder.FullName, StringComparison.Ordinal).ShouldBe(!isThere);
            message.Contains("CopyToOutputDirectory", StringComparison.Ordinal).ShouldBe(!isThere);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Settings_for_every_client_need_no_name()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHttpClient("futures").AddExchangeErrorHandling();
        builder.Services.ConfigureAll<ExchangeErrorHandlingOptions>(static options => options.ThrowOnError = true);
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();
    }

    [Fact]
    public async Task Taken_off_a_client_sends_as_any_other_and_its_settings_ask_for_nothing()
    {
        var exchange = new ScriptedExchange().On("GET /fapi/v1/openOrders", 503, "").On("GET /fapi/v1/openOrders", 200, "[]");
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHttpClient("other", static http => http.BaseAddress = new Uri(Host)).AddExchangeErrorHandling();
        builder.Services.AddHttpClient("futures", static http => http.BaseAddress = new Uri(Host))
            .ConfigureExchangeErrorHandling(static options => options.TotalTimeout = TimeSpan.FromSeconds(-1))
            .AddExchangeErrorHandling()
            .AddExchangeSigning(static _ => { })
            .ConfigurePrimaryHttpMessageHandler(() => exchange)
            .RemoveAllExchangeHandlers();
        using var host = builder.Build();
        await host.StartAsync();
        using var http = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");

        using var response = await http.GetAsync("/fapi/v1/openOrders");

        ((int)response.StatusCode).ShouldBe(503);
        http.Timeout.ShouldBe(TimeSpan.FromSeconds(100));
        response.GetExchangeError().ShouldBeNull();
        await host.StopAsync();
    }

    [Fact]
    public async Task Taken_off_and_added_anew_a_client_is_handled_under_the_new_settings()
    {
        using var client = new ProtectedClient(
            new ScriptedExchange().On("GET /fapi/v1/openOrders", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"),
            static options => options.ThrowOnError = true,
            signed: false,
            outer: static builder => builder.AddExchangeErrorHandling(static options => options.TotalTimeout = TimeSpan.FromSeconds(-1)).AddExchangeSigning(static _ => { }).RemoveAllExchangeHandlers());

        var result = await client.Http.SendExchangeAsync(new(HttpMethod.Get, "/fapi/v1/openOrders"));

        result.Error.ShouldNotBeNull().Code.ShouldBe(-1121);
        result.Exception.ShouldBeOfType<ExchangeErrorException>();
    }
}

using System.Text.Json;

namespace Srcnn.Engine.Networks;

/// <summary>The families of networks by name. A new network is its own file and one line here, or outside of this assembly one call of <see cref="Register"/>.</summary>
public static class NetworkCatalog
{
    private static readonly Lock registering = new();

    private static volatile Family[] families =
    [
        Family.Of<SrcnnConfig>("srcnn", "srcnn-9-1-5, srcnn-9-3-5, srcnn-9-5-5 (or any srcnn-f1-f2-f3 with odd sizes)", SrcnnConfig.Parse),
        Family.Of<FsrcnnConfig>("fsrcnn", "fsrcnn, fsrcnn-s (or any fsrcnn-d-s-m)", FsrcnnConfig.Parse),
        Family.Of<CompactConfig>("compact", "compact-11-16 (or any compact-blocks-channels)", CompactConfig.Parse),
        Family.Of<SrResNetConfig>("srresnet", "srresnet (or any srresnet-blocks-filters)", SrResNetConfig.Parse),
        Family.Of<MsrResNetConfig>("msrresnet", "msrresnet (or any msrresnet-blocks-filters)", MsrResNetConfig.Parse),
        Family.Of<VdsrConfig>("vdsr", "vdsr (or any vdsr-depth-filters)", VdsrConfig.Parse),
    ];

    /// <summary>The names one can give, for messages and help.</summary>
    public static string Names => string.Join("; ", families.Select(f => f.Names));

    /// <summary>The network called <paramref name="name"/>, such as "srcnn-9-1-5".</summary>
    /// <exception cref="UnknownNetworkException">No family knows the name.</exception>
    public static NetworkConfig Parse(string name) => Find(name)
        ?? throw new UnknownNetworkException($"network '{name}' is unknown; expected one of {Names}; correct the name");

    /// <summary>The same; null where no family knows the name.</summary>
    public static NetworkConfig? Find(string name) => families.Select(f => f.Parse(name)).FirstOrDefault(c => c is not null);

    /// <summary>Makes networks of one's own known by name: to training, to model files and so to everything that opens them.</summary>
    /// <typeparam name="TConfig">A record whose only public constructor takes whole numbers, switches and enums; model files hold these.</typeparam>
    /// <param name="names">The names one can give, for messages: "blocks-N".</param>
    /// <param name="parse">The network called by a name; null where it is none of these. Names of earlier families stay theirs.</param>
    /// <exception cref="NotSupportedException">The constructor takes something else.</exception>
    public static void Register<TConfig>(string names, Func<string, TConfig?> parse)
        where TConfig : NetworkConfig
    {
        NetworkJson.Check(typeof(TConfig));
        lock (registering) families = [.. families, new Family(names, parse)];
    }

    /// <summary>The configuration as model files hold it.</summary>
    public static string ToJson(NetworkConfig config) => NetworkJson.Write(config);

    /// <summary>Reads what <see cref="ToJson"/> wrote for the network called <paramref name="name"/>.</summary>
    /// <exception cref="UnknownNetworkException">No family knows the name.</exception>
    /// <exception cref="JsonException">The text is no configuration of that family, or one of impossible sizes.</exception>
    public static NetworkConfig FromJson(string name, string json)
    {
        var config = NetworkJson.Read(Parse(name).GetType(), json);
        return config.Flaw is { } flaw ? throw new JsonException(flaw) : config;
    }

    private sealed record Family(string Names, Func<string, NetworkConfig?> Parse)
    {
        public static Family Of<TConfig>(string prefix, string names, Func<string, TConfig?> parse)
            where TConfig : NetworkConfig =>
            new(names, name => name.StartsWith(prefix, StringComparison.Ordinal) ? parse(name) : null);
    }
}

/// <summary>A network was asked for by a name that nobody knows.</summary>
public sealed class UnknownNetworkException(string message) : ArgumentException(message);

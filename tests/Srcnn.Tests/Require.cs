using Srcnn.Kernels;

namespace Srcnn.Tests;

/// <summary>
/// Things a test needs and a machine may lack. Absent, the test is ignored, visibly; unless the environment variable SRCNN_REQUIRE (a
/// comma list such as "reference,host,ilgpu-cpu,opencl,data") names it: then the test fails.
/// </summary>
internal static class Require
{
    /// <summary>Opens a backend of the given name.</summary>
    public static IBackend Backend(string name, Profile? profile = null)
    {
        try
        {
            return Srcnn.Kernels.Backend.Open(name, profile: profile);
        }
        catch (BackendUnavailableException e)
        {
            throw Missing(name, e.Message);
        }
    }

    /// <summary>A file or folder of the third-party data, such as ("data", "Set5") or ("author-models"): in the folder SRCNN_DATA names, else in a folder "shared" beside the repository or above.</summary>
    public static string Data(params string[] parts)
    {
        var path = Path.Combine([Root(), .. parts]);
        return Path.Exists(path) ? path : throw Missing("data", $"{path} does not exist");
    }

    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("SRCNN_DATA") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "data"))) return shared;
        }
        throw Missing("data", "no folder shared/data above the tests, and SRCNN_DATA is not set");
    }

    /// <summary>The exception that ignores the test, or fails it when the environment requires the thing.</summary>
    internal static Exception Missing(string what, string why) =>
        IsRequired(Environment.GetEnvironmentVariable("SRCNN_REQUIRE"), what)
            ? new AssertionException($"{what} is required by SRCNN_REQUIRE: {why}")
            : new IgnoreException($"{what} is not here: {why}");

    internal static bool IsRequired(string? list, string what) =>
        (list ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(what, StringComparer.OrdinalIgnoreCase);
}

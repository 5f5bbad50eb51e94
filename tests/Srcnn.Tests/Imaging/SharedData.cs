using NUnit.Framework;

namespace Srcnn.Tests.Imaging;

/// <summary>Public data sets, which are not ours to ship: in SRCNN_DATA, or in <c>shared/data</c> beside the repository or above.</summary>
internal static class SharedData
{
    /// <summary>A folder of the data; its absence skips the test, or fails it where SRCNN_REQUIRE names <c>data</c>.</summary>
    public static string Folder(params string[] parts)
    {
        foreach (var root in Roots())
        {
            var folder = Path.Combine([root, .. parts]);
            if (Directory.Exists(folder)) return folder;
        }
        var message = $"no {Path.Combine(parts)} in SRCNN_DATA or in shared/data beside the repository";
        var required = Environment.GetEnvironmentVariable("SRCNN_REQUIRE")?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        if (required.Contains("data")) Assert.Fail(message);
        Assert.Ignore(message);
        return "";
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("SRCNN_DATA") is { Length: > 0 } named) yield return named;
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "shared", "data");
    }
}

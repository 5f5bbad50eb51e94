using NUnit.Framework;

namespace Srcnn.Tests.Models;

/// <summary>Finds the files that are not ours to commit: the folder SRCNN_DATA names, or `shared` beside a parent of the tests.</summary>
internal static class SharedModels
{
    public static string Path(params string[] parts)
    {
        var root = Environment.GetEnvironmentVariable("SRCNN_DATA") is { Length: > 0 } named ? named : Search();
        var path = root is null ? null : System.IO.Path.Combine([root, .. parts]);
        if (path is not null && System.IO.Path.Exists(path)) return path;
        var message = $"shared/{string.Join('/', parts)} is not here";
        if ((Environment.GetEnvironmentVariable("SRCNN_REQUIRE") ?? "").Split(',').Contains("data")) Assert.Fail(message);
        Assert.Ignore(message);
        return "";
    }

    private static string? Search()
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = System.IO.Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(shared)) return shared;
        }
        return null;
    }
}

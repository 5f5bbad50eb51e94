namespace Srcnn.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    private static readonly Lazy<string> Found = new(() =>
    {
        var folder = TestContext.CurrentContext.TestDirectory;
        while (!File.Exists(Path.Combine(folder, "Srcnn.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    });

    public static string Root => Found.Value;

    /// <summary>The source of an example.</summary>
    public static string Example(string name) => File.ReadAllText(Path.Combine(Root, "docs", "examples", name, "Program.cs"));
}

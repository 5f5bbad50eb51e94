namespace Srcnn.Tests;

/// <summary>The tests look for nothing in the cache of whoever runs them, and leave nothing there.</summary>
[SetUpFixture]
public sealed class UserCacheSetUp
{
    private const string Variable = "XDG_CACHE_HOME";

    private readonly string? before = Environment.GetEnvironmentVariable(Variable);

    /// <summary>The folder that stands in for it.</summary>
    public static string Folder { get; private set; } = null!;

    [OneTimeSetUp]
    public void SetUp() => Environment.SetEnvironmentVariable(Variable, Folder = Directory.CreateTempSubdirectory("srcnn-test-").FullName);

    [OneTimeTearDown]
    public void TearDown()
    {
        Environment.SetEnvironmentVariable(Variable, before);
        if (Folder is not null) Directory.Delete(Folder, recursive: true);
    }
}

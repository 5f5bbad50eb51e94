namespace Srcnn.Cli.Devices;

/// <summary>What may be kept from run to run and may vanish at any time.</summary>
internal static class UserCache
{
    /// <summary>The file called <paramref name="name"/> in the user's cache folder.</summary>
    public static string File(string name) => Path.Combine(Root, "srcnn", name);

    private static string Root =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
        : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : OperatingSystem.IsMacOS() ? Path.Combine(Home, "Library", "Caches")
        : Path.Combine(Home, ".cache");

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}

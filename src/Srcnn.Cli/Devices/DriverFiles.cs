using System.Globalization;

namespace Srcnn.Cli.Devices;

/// <summary>The files of the graphics drivers. Without any there is no GPU to look for, and as long as they stay the same so do the devices.</summary>
internal static class DriverFiles
{
    /// <summary>Path, time and length of each driver file, a line each; null where there is none.</summary>
    public static string? Stamp()
    {
        var lines = Candidates().Select(path => new FileInfo(path)).Where(file => file.Exists)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}")).Distinct().ToList();
        return lines.Count == 0 ? null : string.Join('\n', lines);
    }

    private static IEnumerable<string> Candidates()
    {
        if (OperatingSystem.IsWindows()) return In([Environment.SystemDirectory], "nvcuda.dll", "OpenCL.dll");
        if (OperatingSystem.IsMacOS()) return In(["/System/Library/Frameworks/OpenCL.framework"], "OpenCL");
        string[] folders =
        [
            .. Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [],
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", "/usr/lib/wsl/lib", "/run/opengl-driver/lib",
        ];
        return In(folders, "libcuda.so.1", "libOpenCL.so.1").Concat(Vendors());
    }

    // OpenCL's drivers are named in a folder of their own; the library only finds them there.
    private static string[] Vendors()
    {
        var folder = Environment.GetEnvironmentVariable("OCL_ICD_VENDORS") is { Length: > 0 } set ? set : "/etc/OpenCL/vendors";
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.icd") : [];
    }

    private static IEnumerable<string> In(string[] folders, params string[] names) => folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name)));
}

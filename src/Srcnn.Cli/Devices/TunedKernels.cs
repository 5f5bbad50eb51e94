using System.Text;
using Srcnn.Engine.Files;
using Srcnn.Kernels;

namespace Srcnn.Cli.Devices;

/// <summary>
/// What 'benchmark --tune' chose, a file per device in the user's cache folder. It holds for the very device, driver and version of this
/// program that it was measured with.
/// </summary>
internal static class TunedKernels
{
    private const string Title = "srcnn kernels";

    /// <summary>Lets <paramref name="backend"/> compute by what was chosen for it, if anything was.</summary>
    /// <param name="warn">Told of a file that cannot be used; the rule holds then.</param>
    public static void Apply(IBackend backend, Action<string> warn)
    {
        if (backend is not IlgpuBackend device || !File.Exists(PathOf(device))) return;
        try
        {
            var (header, text) = (Header(device), File.ReadAllText(PathOf(device)));
            if (text.StartsWith(header, StringComparison.Ordinal)) device.Choices = KernelChoices.Parse(text[header.Length..]);
            else if (!text.StartsWith(Title + " ", StringComparison.Ordinal)) throw new FormatException("it does not say what it was measured on");
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            warn($"{PathOf(device)} is ignored ({e.Message}); expected what 'srcnn benchmark --tune' wrote; measure again or delete it");
        }
    }

    /// <summary>Remembers the choices of <paramref name="device"/>; returns the file.</summary>
    /// <exception cref="IOException">The cache folder cannot be written; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static string Keep(IlgpuBackend device)
    {
        var path = PathOf(device);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes($"{Header(device)}{device.Choices}\n")));
        return path;
    }

    private static string PathOf(IlgpuBackend device) => UserCache.File($"kernels-{device.Name.Replace(':', '-')}.txt");

    private static string Header(IlgpuBackend device) => $"{Title} {CommandLine.Version}\n{device.Hardware}\n\n";
}

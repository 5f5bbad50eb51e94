using System.ComponentModel;
using System.Diagnostics;

namespace Srcnn.Tests;

/// <summary>A program of others that tells a test what a file holds.</summary>
internal static class Tool
{
    /// <summary>What it prints on standard output. Where it is not installed the test is ignored, or fails if SRCNN_REQUIRE names it.</summary>
    public static string Run(string name, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, $"{name} {string.Join(' ', arguments)}: {errors.Result}");
            return output;
        }
        catch (Win32Exception e)
        {
            throw Require.Missing(name, e.Message);
        }
    }
}

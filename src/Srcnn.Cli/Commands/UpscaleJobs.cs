using System.IO.Enumeration;
using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary>One picture to enlarge. Where <paramref name="Error"/> is set it cannot even be tried.</summary>
internal sealed record UpscaleJob(string Input, string? Output, Exception? Error = null);

/// <summary>Turns what the user named into files and the places of their results.</summary>
internal static class UpscaleJobs
{
    private sealed record Found(string Path, string Relative);

    /// <param name="size">What a name says of the size of an input's result: "x3", "1496x2160".</param>
    /// <param name="leftOut">Told which files of a folder are no pictures.</param>
    /// <exception cref="UsageException">The request contradicts itself: an output would replace an input, or two inputs have one output.</exception>
    public static IReadOnlyList<UpscaleJob> Plan(IReadOnlyList<string> inputs, UpscaleSettings settings, Func<string, string> size, Action<string>? leftOut = null)
    {
        List<UpscaleJob> jobs = [];
        List<Found> files = [];
        var several = inputs.Count > 1;
        foreach (var input in inputs)
        {
            if (File.Exists(input) || input == InputFile.StandardInput)
            {
                files.Add(new Found(input, input == InputFile.StandardInput ? "standard-input" : Path.GetFileName(input)));
                continue;
            }
            several |= Directory.Exists(input) || IsPattern(input);
            try
            {
                files.AddRange(Expand(input, settings.Recursive, leftOut));
            }
            catch (Exception e) when (e is not UsageException)
            {
                jobs.Add(new UpscaleJob(input, null, e));
            }
        }
        files = [.. files.DistinctBy(f => Path.GetFullPath(f.Path))];
        var folder = OutputFolder(settings.Output, several);
        var planned = files.Select(f => new UpscaleJob(f.Path, OutputOf(f, folder, settings, size))).ToList();
        // A second run over a folder must not enlarge the results of the first; what the user named himself stays.
        var results = planned.SelectMany(j => new[] { j.Output!, SheetOf(j.Output!) }).Select(Path.GetFullPath).ToHashSet();
        planned.RemoveAll(j => results.Contains(Path.GetFullPath(j.Input)) && !inputs.Contains(j.Input));
        Check(planned, settings);
        jobs.AddRange(planned);
        return jobs;
    }

    /// <summary>Where the comparison sheet of an output goes.</summary>
    public static string SheetOf(string output) => Path.Combine(Path.GetDirectoryName(output) ?? "", Path.GetFileNameWithoutExtension(output) + "_compare.png");

    private static IEnumerable<Found> Expand(string input, bool recursive, Action<string>? leftOut)
    {
        if (Directory.Exists(input)) return PictureFolder.Files(input, recursive, leftOut).Select(f => new Found(f, Path.GetRelativePath(input, f)));
        if (!IsPattern(input)) throw new InputException($"{input}: no such file or folder; expected a picture; check the path");
        var root = Path.IsPathRooted(input) ? Path.GetPathRoot(input)! : "";
        var segments = input[root.Length..].Split(['/', Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        List<Found> matches = [.. Match(root, segments).Where(PictureFolder.IsPicture).Order(StringComparer.Ordinal).Select(f => new Found(f, Path.GetFileName(f)))];
        return matches.Count > 0 ? matches : throw new InputException($"{input}: matches no picture; expected {ImageFormats.Names} files; check the pattern");
    }

    private static bool IsPattern(string input) => input.AsSpan().ContainsAny('*', '?');

    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> segments)
    {
        var here = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(here)) yield break;
        var (segment, rest) = (segments.Span[0], segments[1..]);
        var entries = rest.IsEmpty ? Directory.EnumerateFiles(here) : Directory.EnumerateDirectories(here);
        if (segment == "**" && !rest.IsEmpty)
        {
            foreach (var found in Match(folder, rest)) yield return found;
            foreach (var sub in Directory.EnumerateDirectories(here))
            foreach (var found in Match(Path.Combine(folder, Path.GetFileName(sub)), segments))
                yield return found;
            yield break;
        }
        if (segment is "." or "..")
        {
            foreach (var found in Match(Path.Combine(folder, segment), rest)) yield return found;
            yield break;
        }
        foreach (var name in entries.Select(e => Path.GetFileName(e)))
        {
            if (!FileSystemName.MatchesSimpleExpression(segment, name, ignoreCase: false)) continue;
            var path = Path.Combine(folder, name);
            if (rest.IsEmpty) yield return path;
            else
            {
                foreach (var found in Match(path, rest)) yield return found;
            }
        }
    }

    /// <summary>The folder that results go to, or null where the output names a file or nothing.</summary>
    private static string? OutputFolder(string? output, bool several)
    {
        if (output is null) return null;
        var isFolder = Directory.Exists(output) || Path.EndsInDirectorySeparator(output) || (!Path.HasExtension(output) && !File.Exists(output));
        if (several && !isFolder) throw new UsageException($"-o {output} is a file; expected a folder for several inputs; give a folder, with '/' at the end if it is new");
        return isFolder ? output : null;
    }

    private static string OutputOf(Found file, string? folder, UpscaleSettings settings, Func<string, string> size)
    {
        if (settings.Output is { } single && folder is null)
        {
            if (settings.Name is not null) throw new UsageException($"-o {single} is a file and --name names it too; expected one of them; leave out --name, or give a folder");
            return settings.Format is not null || ImageFormats.FromExtension(single) is not null ? single
                : throw new UsageException($"-o {single} ends in '{Path.GetExtension(single)}'; expected the extension of {ImageFormats.Names}; give one of them or --format");
        }
        var extension = settings.Format?.Extension() ?? (ImageFormats.FromExtension(file.Relative) is null ? ImageFormat.Png.Extension() : ExtensionOf(file.Relative));
        var place = folder is null ? Path.GetDirectoryName(file.Path) : Path.Combine(folder, Path.GetDirectoryName(file.Relative) ?? "");
        var template = settings.Name ?? (folder is null ? NameTemplate.BesideInput : NameTemplate.InFolder);
        return Path.Combine(place ?? "", template.Of(Path.GetFileNameWithoutExtension(file.Relative), template.HasSize ? size(file.Path) : "") + extension);
    }

    /// <summary>That of the input; a picture of black and white alone becomes one of greys.</summary>
    private static string ExtensionOf(string path) => Path.GetExtension(path) is var extension && extension.Equals(".pbm", StringComparison.OrdinalIgnoreCase) ? ".pgm" : extension;

    private static void Check(List<UpscaleJob> jobs, UpscaleSettings settings)
    {
        var byOutput = jobs.GroupBy(j => Path.GetFullPath(j.Output!), Comparer);
        if (byOutput.FirstOrDefault(g => g.Count() > 1) is { } clash)
            throw new UsageException($"{string.Join(" and ", clash.Select(j => j.Input))} have the same output {clash.First().Output}; expected one output per input; run them apart");
        if (settings.Overwrite) return;
        var sources = jobs.Select(j => Real(j.Input)).ToHashSet(Comparer);
        if (jobs.FirstOrDefault(j => sources.Contains(Real(j.Output!))) is { } job)
            throw new UsageException($"{job.Output} is an input and would be replaced; expected another output; choose one, or give --overwrite");
    }

    private static string Real(string path) =>
        File.Exists(path) && new FileInfo(path).LinkTarget is not null && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : Path.GetFullPath(path);

    private static StringComparer Comparer => OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
}

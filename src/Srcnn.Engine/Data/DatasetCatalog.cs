using System.Security.Cryptography;
using System.Text.Json;
using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Data;

/// <summary>A file of a public set.</summary>
/// <param name="Name">As the set calls it; a folder may call it otherwise.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record DatasetFile(string Name, long Size, string Sha256);

/// <summary>A public set of pictures: known, described, never shipped.</summary>
/// <param name="Name">As papers call it: "Set5".</param>
/// <param name="About">What it is and what it is used for.</param>
/// <param name="Origin">Who published it, and where to get it.</param>
/// <param name="Terms">What it may be used for.</param>
/// <param name="Files">All of its pictures.</param>
public sealed record Dataset(string Name, string About, string Origin, string Terms, IReadOnlyList<DatasetFile> Files);

/// <summary>What a folder holds, file by file.</summary>
/// <param name="Dataset">The set most of the content, or half of the names, belongs to.</param>
/// <param name="Matching">Files whose content belongs to the set, under whatever name.</param>
/// <param name="Missing">Names in the set whose content is nowhere in the folder, not even altered.</param>
/// <param name="Altered">Files with the name of the set's file and other content.</param>
/// <param name="Extra">Pictures that do not belong to the set; without a set, all that can be read.</param>
/// <param name="Broken">Files that are empty or cannot be read, and why.</param>
public sealed record DatasetCheck(
    Dataset? Dataset,
    IReadOnlyList<string> Matching,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Altered,
    IReadOnlyList<string> Extra,
    IReadOnlyList<(string Name, string Reason)> Broken)
{
    /// <summary>Whether the folder is the whole set, unaltered, and nothing else.</summary>
    public bool IsExact => Dataset is not null && Missing.Count + Altered.Count + Extra.Count + Broken.Count == 0;
}

/// <summary>The public sets that <c>data/datasets.json</c> describes, and the check of a folder against them.</summary>
public static class DatasetCatalog
{

    private static readonly Lazy<IReadOnlyList<Dataset>> Sets = new(Read);

    private sealed record Found(string Name, string Sha256);

    /// <summary>All known sets, in the order of the file.</summary>
    public static IReadOnlyList<Dataset> List() => Sets.Value;

    /// <summary>
    /// Tells by content which set the pictures directly in <paramref name="folder"/> are and where they differ from it.
    /// <paramref name="probe"/> may look into a file by path and return why it is broken, or null.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static DatasetCheck Check(string folder, Func<string, string?>? probe = null)
    {
        var found = new List<Found>();
        var broken = new List<(string, string)>();
        foreach (var path in Directory.EnumerateFiles(folder).Where(PictureFolder.IsPicture).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            try
            {
                using var stream = File.OpenRead(path);
                var reason = stream.Length == 0 ? "the file is empty" : probe?.Invoke(path);
                if (reason is null) found.Add(new Found(name, Convert.ToHexStringLower(SHA256.HashData(stream))));
                else broken.Add((name, reason));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                broken.Add((name, e.Message));
            }
        }
        return Recognise(found) is { } set ? Compare(set, found, broken) : new DatasetCheck(null, [], [], [], [.. found.Select(f => f.Name)], broken);
    }

    /// <summary>The set most of the content comes from; if none of it is known, the set at least half of whose names are here.</summary>
    private static Dataset? Recognise(List<Found> found)
    {
        var hashes = found.Select(f => f.Sha256).ToHashSet();
        var byContent = Sets.Value.MaxBy(set => set.Files.Count(f => hashes.Contains(f.Sha256)))!;
        if (byContent.Files.Any(f => hashes.Contains(f.Sha256))) return byContent;
        var names = found.Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Sets.Value.FirstOrDefault(set => 2 * set.Files.Count(f => names.Contains(f.Name)) >= set.Files.Count);
    }

    private static DatasetCheck Compare(Dataset set, List<Found> found, List<(string Name, string Reason)> broken)
    {
        var known = set.Files.Select(f => f.Sha256).ToHashSet();
        var matching = found.Where(f => known.Contains(f.Sha256)).ToList();
        var present = matching.Select(f => f.Sha256).ToHashSet();
        var absent = set.Files.Where(f => !present.Contains(f.Sha256)).Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = found.Where(f => !known.Contains(f.Sha256)).Select(f => f.Name).ToList();
        var altered = others.Where(absent.Contains).ToList();
        var accounted = altered.Concat(broken.Select(b => b.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new DatasetCheck(
            set,
            [.. matching.Select(f => f.Name)],
            [.. set.Files.Select(f => f.Name).Where(name => absent.Contains(name) && !accounted.Contains(name))],
            altered,
            [.. others.Except(altered)],
            broken);
    }

    private static List<Dataset> Read()
    {
        using var stream = typeof(DatasetCatalog).Assembly.GetManifestResourceStream("datasets.json")!;
        using var json = JsonDocument.Parse(stream);
        return [.. json.RootElement.GetProperty("sets").EnumerateArray().Select(ReadSet)];
    }

    private static Dataset ReadSet(JsonElement set)
    {
        string Text(string name) => set.GetProperty(name).GetString()!;
        // One line per file, "hash size name", as sha256sum prints it but for the size.
        var files = set.GetProperty("files").EnumerateArray().Select(line => line.GetString()!.Split(' ', 3));
        return new Dataset(Text("name"), Text("about"), Text("origin"), Text("terms"), [.. files.Select(f => new DatasetFile(f[2], long.Parse(f[1]), f[0]))]);
    }
}

using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;

namespace Srcnn.Engine.Data;

/// <summary>Reads folders of pictures for a run and counts what it could not use.</summary>
/// <param name="config">Scale and channels.</param>
/// <param name="memory">Bytes that decoded pictures may take, over all folders; the rest stays on disk.</param>
/// <param name="stop">Gives up with an <see cref="OperationCanceledException"/>.</param>
internal sealed class PictureLoader(TrainingConfig config, long memory, CancellationToken stop)
{
    /// <summary>More useless files than this share of a folder stop the run: it is probably the wrong folder.</summary>
    private const double MaxSkipped = 0.05;

    /// <summary>So many reasons are named in a message.</summary>
    private const int MostListed = 20;

    private readonly NetworkInput reads = NetworkCatalog.Parse(config.Network).Input;
    private readonly List<string> skipped = [];
    private long free = memory;
    private int onDisk;

    /// <summary>Why files could not be used, one line each.</summary>
    public IReadOnlyList<string> Skipped => skipped;

    /// <summary>Pictures that did not fit into memory.</summary>
    public int OnDisk => onDisk;

    /// <summary>The pictures of <paramref name="folders"/> in the order of their names, each once at every scale of the run, and what became of them.</summary>
    /// <param name="folders">Read one after another.</param>
    /// <param name="train">At every size asked for, and large enough for a patch.</param>
    /// <param name="score">Large enough to leave something between borders of the scale, which the score leaves out.</param>
    /// <exception cref="DataException">A folder is missing or empty, or too many files are broken, too small or there twice.</exception>
    public IReadOnlyList<LoadedPicture> Load(IReadOnlyList<string> folders, bool train, bool score)
    {
        var (sizes, patch, scorable) = (train ? config.Sizes : [1], train ? config.Patch : 1, score ? 4 : 1);
        var lows = train ? Lows() : null;
        var files = folders.SelectMany(f => PictureFolder.Files(f, config.Recursive)).ToList();
        PictureSource[] sources =
        [
            .. from file in files from size in sizes from scale in config.AllScales
               select new PictureSource(file, lows?.GetValueOrDefault(Path.GetFileNameWithoutExtension(file)), scale, size, config.Channels, reads),
        ];
        var loaded = new TrainingPicture?[sources.Length];
        var reasons = new string?[sources.Length];
        Parallel.For(0, sources.Length, new ParallelOptions { CancellationToken = stop }, i =>
        {
            var source = sources[i];
            try
            {
                if (lows is not null && source.LowPath is null) throw new ImageException(source.Path, $"no picture of its name in {config.DataLr}", "its low resolution");
                var patchInTarget = reads == NetworkInput.LowResolution ? patch * source.Scale : patch;
                loaded[i] = Keep(source.Read(Math.Max(patchInTarget, scorable * source.Scale)), source);
            }
            catch (ImageException) when (source.Size < 1)
            {
                // Shrunk further it is too small; at its own size it counts.
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                reasons[i] = e.Message;
            }
        });
        Dictionary<UInt128, string> known = [];
        for (var i = 0; i < sources.Length; i++)
        {
            if (loaded[i] is not { } picture || known.TryAdd(picture.Hash, sources[i].Path)) continue;
            reasons[i] = $"{sources[i].Path}: the same picture as {known[picture.Hash]}";
            loaded[i] = null;
        }
        var useless = reasons.OfType<string>().ToList();
        List<string> distinct = [.. useless.Distinct()]; // a file says the same at every scale and size
        if (useless.Count == sources.Length)
            throw new DataException($"{Listed(distinct)}; no picture can be used; give a folder of larger or sound pictures");
        if (useless.Count > MaxSkipped * sources.Length)
        {
            throw new DataException(
                $"{useless.Count} of {sources.Length} pictures cannot be used ({Listed(distinct)}); expected at most {MaxSkipped:P0}; remove or repair them");
        }
        skipped.AddRange(distinct);
        var perFile = sources.Length / files.Count;
        return [.. loaded.Select((picture, i) => new LoadedPicture(i / perFile, sources[i].Size, picture))];
    }

    private static string Listed(List<string> reasons) =>
        string.Join(" | ", reasons.Take(MostListed)) + (reasons.Count > MostListed ? $" | and {reasons.Count - MostListed} more" : "");

    /// <summary>The low resolutions by name, where they are given.</summary>
    private Dictionary<string, string>? Lows() => config.DataLr is null ? null
        : PictureFolder.Files(config.DataLr, config.Recursive).GroupBy(Path.GetFileNameWithoutExtension).ToDictionary(g => g.Key!, g => g.First());

    private TrainingPicture Keep(TrainingPicture picture, PictureSource source)
    {
        if (Interlocked.Add(ref free, -picture.Size) >= 0) return picture;
        Interlocked.Add(ref free, picture.Size);
        Interlocked.Increment(ref onDisk);
        return source.OnDisk(picture);
    }
}

/// <summary>What became of a file.</summary>
/// <param name="File">Its number over all folders.</param>
/// <param name="Size">As in <see cref="PictureSource"/>.</param>
/// <param name="Picture">Null if it is of no use.</param>
internal sealed record LoadedPicture(int File, double Size, TrainingPicture? Picture);

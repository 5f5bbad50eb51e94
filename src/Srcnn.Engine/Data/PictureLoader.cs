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

    private readonly NetworkInput reads = NetworkCatalog.Parse(config.Network).Input;
    private readonly List<string> skipped = [];
    private long free = memory;
    private int onDisk;

    /// <summary>Why files could not be used, one line each.</summary>
    public IReadOnlyList<string> Skipped => skipped;

    /// <summary>Pictures that did not fit into memory.</summary>
    public int OnDisk => onDisk;

    /// <summary>The pictures of <paramref name="folders"/> in the order of their names, each once; null in the place of a file that is of no use.</summary>
    /// <param name="folders">Read one after another.</param>
    /// <param name="smallest">Least pixels on each side, cropped to a multiple of the scale.</param>
    /// <exception cref="DataException">A folder is missing or empty, or too many files are broken, too small or there twice.</exception>
    public IReadOnlyList<TrainingPicture?> Load(IReadOnlyList<string> folders, int smallest)
    {
        var files = folders.SelectMany(f => PictureFolder.Files(f)).ToList();
        var loaded = new TrainingPicture?[files.Count];
        var reasons = new string?[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = stop }, i =>
        {
            try
            {
                var image = ImageFile.Read(files[i]);
                if (Math.Min(image.Width, image.Height) / config.Scale * config.Scale < smallest)
                    reasons[i] = $"{files[i]}: {image.Width}×{image.Height} pixels; expected at least {smallest}×{smallest}, a patch";
                else
                    loaded[i] = Keep(TrainingPicture.From(Path.GetFileName(files[i]), image, config.Scale, config.Channels, reads), files[i]);
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                reasons[i] = e.Message;
            }
        });
        Dictionary<UInt128, string> known = [];
        for (var i = 0; i < files.Count; i++)
        {
            if (loaded[i] is not { } picture || known.TryAdd(picture.Hash, files[i])) continue;
            reasons[i] = $"{files[i]}: the same picture as {known[picture.Hash]}";
            loaded[i] = null;
        }
        var useless = reasons.OfType<string>().ToList();
        if (useless.Count == files.Count) throw new DataException($"{useless[0]}; no picture can be used; give a folder of larger or sound pictures");
        if (useless.Count > MaxSkipped * files.Count)
            throw new DataException($"{useless.Count} of {files.Count} pictures cannot be used, the first: {useless[0]}; expected at most {MaxSkipped:P0}; remove or repair them");
        skipped.AddRange(useless);
        return loaded;
    }

    private TrainingPicture Keep(TrainingPicture picture, string path)
    {
        if (Interlocked.Add(ref free, -picture.Size) >= 0) return picture;
        Interlocked.Add(ref free, picture.Size);
        Interlocked.Increment(ref onDisk);
        return picture.OnDisk(path);
    }
}

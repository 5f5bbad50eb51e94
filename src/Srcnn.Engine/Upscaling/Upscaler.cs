using Srcnn.Engine.Files;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Enlarges pictures by a whole factor: by trained networks, or by bicubic to compare with. Depth, alpha and metadata are kept; a network of
/// luma sees Y, which is never rounded on the way, and Cb and Cr go by bicubic. A picture takes all cores, so calls from several threads
/// wait for each other.
/// </summary>
/// <remarks>
/// Every way to upscale may throw, beside what it names, <see cref="DeviceException"/> where the device fails and host cannot take over, and
/// <see cref="ObjectDisposedException"/>. A cancelled call throws <see cref="OperationCanceledException"/> within a moment and leaves no file.
/// </remarks>
public sealed class Upscaler : IDisposable
{
    /// <summary>What <see cref="Open(string?, UpscalerOptions?)"/> calls MATLAB's bicubic, which every network is measured against.</summary>
    public const string BicubicName = "bicubic";

    /// <summary>Pixels of the input to each side that bicubic makes a pixel of.</summary>
    internal const int BicubicReach = 2;

    /// <summary>Every kernel runs, and in the forms that most pictures need: which ones depends on the width.</summary>
    private const int WarmUpWidth = 64, WarmUpHeight = 16;

    private readonly Lock turn = new();
    private readonly List<NetworkStage> networks = [];
    private readonly IBackend? backend;
    private readonly bool ownsBackend;
    private readonly IRowStage stage;
    private readonly PictureFlow flow;
    private readonly Action<string>? warn;
    private bool disposed;

    private Upscaler(int scale, int threads, Profile? profile)
    {
        (Name, Channels) = (BicubicName, 1);
        stage = new BicubicStage(scale, Channels, HostThreads(null, threads), profile);
        flow = new PictureFlow(stage, Channels, HostThreads(null, threads), profile);
    }

    private Upscaler(IReadOnlyList<ModelStep> steps, UpscalerOptions options)
    {
        warn = options.Warn;
        backend = options.Backend ?? Kernels.Backend.Open(options.Device, options.Threads, options.Profile);
        ownsBackend = options.Backend is null;
        try
        {
            Add(steps, options);
        }
        catch (DeviceException e) when (options.Device == UpscalerOptions.Auto && backend.IsDevice)
        {
            options.Warn?.Invoke($"{e.Message}; host computes in its place; check it with 'srcnn selftest'");
            DisposeOwned();
            (backend, ownsBackend) = (new HostBackend(options.Threads) { Profile = backend.Profile }, true);
            Add(steps, options);
        }
        catch
        {
            Dispose();
            throw;
        }
        Channels = networks[0].Channels;
        stage = networks.Aggregate((IRowStage?)null, (first, second) => first is null ? second : new ChainStage(first, second, Channels))!;
        if (options.SelfEnsemble) stage = new EnsembleStage(stage, Channels);
        flow = new PictureFlow(stage, Channels, HostThreads(backend, options.Threads), backend.Profile);
        Name = string.Join(", ", networks.Select(n => n.Name)) + (options.SelfEnsemble ? $" ×{EnsembleStage.Turns}" : "");
        Cost = Sum(options.SelfEnsemble ? EnsembleStage.Turns : 1);
    }

    /// <summary>Opens a shipped model (<see cref="ModelCatalog.Names"/>, such as "fsrcnn-x3"), a model file, or <see cref="BicubicName"/>; "fast", "good" and "best" are the default family's models for the scale; null is "good".</summary>
    /// <exception cref="UnknownModelException">No such model is shipped, or none for that scale.</exception>
    /// <exception cref="ModelException">The file is missing, broken, or a model for other scales.</exception>
    /// <exception cref="UnknownBackendException">No device goes by that name.</exception>
    /// <exception cref="BackendUnavailableException">The device is absent or fails to start.</exception>
    public static Upscaler Open(string? model = null, UpscalerOptions? options = null)
    {
        options ??= new UpscalerOptions();
        CheckScale(options.Scale);
        return model == BicubicName || (options.Scale == 1 && ModelChain.ScaleFor(model, 1) != 1) ? new Upscaler(options.Scale ?? ModelChain.DefaultScale, options.Threads, options.Profile) : Open(ModelChain.Of(model, options.Scale), options);
    }

    /// <summary>Opens a model in memory.</summary>
    /// <inheritdoc cref="Open(string?, UpscalerOptions?)"/>
    public static Upscaler Open(ModelFile model, UpscalerOptions? options = null)
    {
        options ??= new UpscalerOptions();
        CheckScale(options.Scale);
        return Open(ModelChain.Of(model, options.Scale, model.Network.Name), options);
    }

    /// <summary>Opens models that work one after the other; <see cref="UpscalerOptions.Scale"/> is theirs.</summary>
    /// <exception cref="ArgumentException">There are none, or some work on luma and others on colours.</exception>
    /// <exception cref="UnknownBackendException">No device goes by that name.</exception>
    /// <exception cref="BackendUnavailableException">The device is absent or fails to start.</exception>
    public static Upscaler Open(IReadOnlyList<ModelStep> steps, UpscalerOptions? options = null)
    {
        if (steps.Count == 0 || steps.Any(s => s.Model.Network.Channels != steps[0].Model.Network.Channels))
            throw new ArgumentException($"{steps.Count} models of {string.Join(", ", steps.Select(s => s.Model.Network.Channels))} channels; expected some of the same", nameof(steps));
        return new Upscaler(steps, options ?? new UpscalerOptions());
    }

    /// <summary>MATLAB's bicubic, without a network.</summary>
    /// <param name="scale">1 to 16.</param>
    /// <param name="profile">Told where the time goes.</param>
    public static Upscaler Bicubic(int scale, Profile? profile = null)
    {
        CheckScale(scale);
        return new Upscaler(scale, threads: 0, profile);
    }

    /// <summary>What reports and tables call it: "bicubic", "fsrcnn", "srcnn-9-1-5 ×8".</summary>
    public string Name { get; }

    /// <summary>The factor.</summary>
    public int Scale => stage.Scale;

    /// <summary>Planes the network works on: 1 luma, 3 red, green and blue.</summary>
    public int Channels { get; }

    /// <summary>What the networks take; null for bicubic.</summary>
    public NetworkCost? Cost { get; }

    /// <summary>Where the networks run; null for bicubic.</summary>
    public string? Device => backend?.Name;

    /// <summary>Pixels of the input around a pixel that what becomes of it depends on: the margin that tells nothing of what lies beyond.</summary>
    public int Reach =>
        Math.Max(BicubicReach, networks.AsEnumerable().Reverse().Aggregate(0, (after, network) => network.Reach + ((after + network.Scale - 1) / network.Scale)));

    /// <summary>Compiles what the first picture would wait for. Another thread may meanwhile open that picture.</summary>
    public void WarmUp() => Upscale(new Image(WarmUpWidth, WarmUpHeight, 3));

    /// <summary>Enlarges 8-bit pixels in memory.</summary>
    /// <param name="pixels">[height, width, channels], rows from the top; channels, which the length tells, are 1 grey, 2 grey and alpha, 3 RGB or 4 RGB and alpha (not premultiplied).</param>
    /// <param name="progress">Told the share that is done, in [0, 1].</param>
    /// <returns>[height·<see cref="Scale"/>, width·<see cref="Scale"/>, channels].</returns>
    /// <exception cref="ArgumentException">The length is not that of one to four channels.</exception>
    /// <exception cref="ImageException">The result would not fit into an array.</exception>
    public byte[] Upscale(ReadOnlySpan<byte> pixels, int width, int height, IProgress<double>? progress = null, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var (channels, rest) = Math.DivRem(pixels.Length, (long)width * height);
        if (rest != 0 || channels is < 1 or > 4)
            throw new ArgumentException($"{pixels.Length} bytes for {width}×{height} pixels; expected one to four for each pixel", nameof(pixels));
        var samples = new ushort[pixels.Length];
        for (var i = 0; i < samples.Length; i++) samples[i] = pixels[i];
        return Array.ConvertAll(Upscale(new Image(width, height, (int)channels, 8, samples), progress, stop).Samples, sample => (byte)sample);
    }

    /// <summary>Enlarges a picture in memory.</summary>
    /// <param name="progress">Told the share that is done, in [0, 1].</param>
    /// <exception cref="ImageException">The result would not fit into an array.</exception>
    public Image Upscale(Image input, IProgress<double>? progress = null, CancellationToken stop = default)
    {
        var info = Enlarged(input.Info);
        if (info.Pixels * info.Channels > Array.MaxLength)
            throw new ImageException("the picture", $"{info.Width}×{info.Height} pixels of {info.Channels} channels once enlarged", $"at most {Array.MaxLength} samples in memory; enlarge it from file to file");
        return InTurn(() => flow.Run(input, progress, stop));
    }

    /// <summary>Enlarges a picture file, all pages of a TIFF, in memory that grows with its width alone; BMP, PNM, TGA and JPEGs that their EXIF turns are held as a whole.</summary>
    /// <param name="input">Any of <see cref="ImageFormat"/>, by content; TGA by extension.</param>
    /// <param name="output">Takes its name, replacing a file of that name, when it is complete.</param>
    /// <param name="format">Null takes that of the output's extension.</param>
    /// <param name="quality">1 to 100 for JPEG (default 95) and WebP (default: lossless).</param>
    /// <param name="progress">Told the share that is done, in [0, 1].</param>
    /// <exception cref="ImageException">The input is no picture or broken, or the output's format unknown or unable to hold it.</exception>
    /// <exception cref="IOException">The input is missing or unreadable, or the output cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Upscale(string input, string output, ImageFormat? format = null, int? quality = null, IProgress<double>? progress = null, CancellationToken stop = default)
    {
        var pages = ImageFile.Pages(input, warn);
        List<ImageInfo> infos = [];
        foreach (var page in pages)
        {
            using var header = ImageFile.Open(input, new ReadingOptions { Page = page });
            infos.Add(Enlarged(header.Info, input) with { Format = format ?? ImageFile.FormatOf(output) });
        }
        using var writer = ImageFile.Create(output, infos, quality);
        for (var p = 0; p < pages.Count; p++)
        {
            using var reader = ImageFile.Open(input, new ReadingOptions { Page = pages[p], Warn = warn });
            using var page = writer.Next(infos[p]);
            Upscale(reader, page, pages.Count > 1 ? new PartProgress(progress, p, pages.Count) : progress, stop);
            reader.Dispose(); // the output may take its place
            page.Complete();
        }
        writer.Complete();
    }

    /// <summary>Enlarges an encoded picture from stream to stream. It passes through temporary files: decoders and encoders seek, and who reads the output gets a whole picture or nothing.</summary>
    /// <param name="input">Read from where it stands to its end.</param>
    /// <param name="output">Written when the picture is complete; need not seek.</param>
    /// <param name="format">Null takes that of the input.</param>
    /// <inheritdoc cref="Upscale(string, string, ImageFormat?, int?, IProgress{double}?, CancellationToken)"/>
    public void Upscale(Stream input, Stream output, ImageFormat? format = null, int? quality = null, IProgress<double>? progress = null, CancellationToken stop = default)
    {
        using var given = TemporaryFile.Of(input, stop: stop);
        using var made = new TemporaryFile();
        Upscale(given.Path, made.Path, format ?? ImageFile.Probe(given.Path).Format, quality, progress, stop);
        made.CopyTo(output, stop);
    }

    /// <summary>Enlarges a picture from decoder to encoder. Besides what these hold, memory grows with its width alone.</summary>
    /// <param name="input">At its first row.</param>
    /// <param name="output">Takes rows as <see cref="Enlarged"/> describes them; completing it is left to the caller.</param>
    /// <param name="progress">Told the share that is done, in [0, 1].</param>
    public void Upscale(IImageReader input, IImageWriter output, IProgress<double>? progress = null, CancellationToken stop = default) => InTurn(() =>
    {
        flow.Run(input, output, progress, stop);
        return 0;
    });

    /// <summary>Enlarges <see cref="Channels"/> planes of one picture, as a measurement wants them: values are neither rounded nor clipped.</summary>
    /// <exception cref="ArgumentException">Another number of planes.</exception>
    public Plane[] Upscale(Plane[] planes)
    {
        if (planes.Length != Channels) throw new ArgumentException($"{planes.Length} planes for an upscaler of {Channels}", nameof(planes));
        var (width, height) = (planes[0].Width, planes[0].Height);
        var values = new float[checked(width * height * Channels)];
        for (var c = 0; c < Channels; c++) Interleaved.Put(planes[c].Values, values.AsSpan(c), Channels);
        var enlarged = InTurn(() => stage.Run(values, height, width));
        return [.. Enumerable.Range(0, Channels).Select(c =>
        {
            var plane = new Plane(width * Scale, height * Scale);
            Interleaved.Take(enlarged.AsSpan(c), Channels, plane.Values);
            return plane;
        })];
    }

    /// <summary>What the header of the enlarged picture says.</summary>
    /// <param name="name">What messages call the picture.</param>
    /// <exception cref="ImageException">A side would be longer than an int counts.</exception>
    public ImageInfo Enlarged(ImageInfo input, string name = "the picture")
    {
        return input with { Width = Side(input.Width), Height = Side(input.Height) };

        int Side(int side) => side <= int.MaxValue / Scale ? side * Scale
            : throw new ImageException(name, $"a side of {side} pixels, enlarged {Scale} times", $"at most {int.MaxValue}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (turn)
        {
            if (disposed) return;
            disposed = true;
            DisposeOwned();
        }
    }

    private void Add(IReadOnlyList<ModelStep> steps, UpscalerOptions options)
    {
        foreach (var step in steps) networks.Add(new NetworkStage(step, backend!, options));
    }

    private void DisposeOwned()
    {
        foreach (var network in networks) network.Dispose();
        networks.Clear();
        if (ownsBackend) backend!.Dispose();
    }

    private T InTurn<T>(Func<T> work)
    {
        lock (turn)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return work();
        }
    }

    /// <summary>An earlier network makes fewer pixels of the result.</summary>
    private NetworkCost Sum(int turns)
    {
        var (parameters, work, share) = (0, 0.0, 1.0);
        foreach (var network in networks.AsEnumerable().Reverse())
        {
            parameters += network.Cost.Parameters;
            work += network.Cost.GigaflopsPerMegapixel * share;
            share /= network.Scale * network.Scale;
        }
        return new NetworkCost(parameters, work * turns);
    }

    /// <summary>Threads for decoding, colours and bicubic, which are the host's whatever the device.</summary>
    internal static int HostThreads(IBackend? backend, int asked) => backend is HostBackend ? backend.Workers : asked > 0 ? asked : Environment.ProcessorCount;

    private static void CheckScale(int? scale)
    {
        if (scale is < 1 or > ModelChain.MostScale) throw new ArgumentOutOfRangeException(nameof(scale), scale, $"a whole number from 1 to {ModelChain.MostScale}");
    }
}

using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Enlarges a picture band by band, from decoder to encoder, in memory that (besides theirs) grows with its width alone. While the network
/// has one band, the next is decoded and taken apart and the last put together and encoded, by whichever worker has time.
/// </summary>
/// <param name="network">What works on the planes; used by one picture at a time.</param>
/// <param name="networkChannels">1 luma, 3 red, green and blue.</param>
/// <param name="workers">Threads.</param>
/// <param name="profile">Told how long the parts take.</param>
internal sealed class PictureFlow(IRowStage network, int networkChannels, int workers, Profile? profile = null)
{
    /// <summary>Rows of the input: enough that the panels' rings, which wait outside the cache from band to band, cost little.</summary>
    private const int BandRows = 64;

    /// <summary>From a decoder to an encoder, which is left to be completed.</summary>
    public void Run(IImageReader input, IImageWriter output, IProgress<double>? progress, CancellationToken stop) =>
        Run(input.Info, input.Fill, output.WriteRows, progress, stop);

    /// <summary>In memory.</summary>
    public Image Run(Image input, IProgress<double>? progress, CancellationToken stop)
    {
        var output = new Image(checked(input.Width * network.Scale), checked(input.Height * network.Scale), input.Channels, input.BitDepth) { Metadata = input.Metadata };
        var (read, written) = (0, 0);
        Run(
            input.Info,
            rows =>
            {
                input.Samples.AsSpan(read, rows.Length).CopyTo(rows);
                read += rows.Length;
            },
            rows =>
            {
                rows.CopyTo(output.Samples.AsSpan(written));
                written += rows.Length;
            },
            progress, stop);
        return output;
    }

    /// <param name="input">What comes.</param>
    /// <param name="read">Fills the memory with the next rows.</param>
    /// <param name="write">Takes the next rows; the memory is used again later.</param>
    /// <param name="progress">Told the share of the rows that are done.</param>
    /// <param name="stop">Looked at between bands.</param>
    private void Run(ImageInfo input, Action<Span<ushort>> read, Action<ReadOnlySpan<ushort>> write, IProgress<double>? progress, CancellationToken stop)
    {
        var layout = new PictureLayout(input, networkChannels);
        var splitter = new PictureSplitter(layout);
        var composer = new PictureComposer(layout, network.Scale);
        int inputRow = input.Width * input.Channels, outWidth = input.Width * network.Scale;
        network.Start(input.Height, input.Width);
        RowPlanes[] bands = [new(layout.Count, input.Width), new(layout.Count, input.Width), new(layout.Count, input.Width)];
        float[][] results = [[], []];
        ushort[] decoded = [], composed = [];
        var decoding = Decode(0);
        SharedWork? encoding = null;
        try
        {
            for (var n = 0; n * BandRows < input.Height; n++)
            {
                stop.ThrowIfCancellationRequested();
                decoding.Finish();
                if ((n + 1) * BandRows < input.Height) decoding = Decode(n + 1);
                var (band, result, rows) = (bands[n % bands.Length], Memory<float>.Empty, 0);
                using (profile?.Begin("network"))
                    network.Push(splitter.Source(band), made => result = Room(ref results[n % results.Length], (rows = made) * outWidth * networkChannels));
                encoding?.Finish();
                encoding = Workforce.Begin(workers, () => Encode(band, result.Span, rows));
                progress?.Report(Math.Min(1, (n + 1) * BandRows / (double)input.Height));
            }
            encoding?.Finish();
        }
        finally
        {
            // Whatever went wrong: reader and writer are the caller's again only when nobody uses them.
            decoding.Abandon();
            encoding?.Abandon();
        }

        SharedWork Decode(int n) => Workforce.Begin(workers, () =>
        {
            var samples = Room(ref decoded, Math.Min(BandRows, input.Height - (n * BandRows)) * inputRow).Span;
            using (profile?.Begin("decode"))
                read(samples);
            using (profile?.Begin("split"))
                splitter.Split(samples, bands[n % bands.Length]);
        });

        void Encode(RowPlanes band, ReadOnlySpan<float> result, int rows)
        {
            var samples = Room(ref composed, rows * outWidth * input.Channels).Span;
            using (profile?.Begin("compose"))
            {
                composer.Add(band);
                composer.Compose(result, samples);
            }
            using (profile?.Begin("encode"))
                write(samples);
        }
    }

    private static Memory<T> Room<T>(ref T[] memory, int length)
    {
        if (memory.Length < length) memory = new T[length];
        return memory.AsMemory(0, length);
    }
}

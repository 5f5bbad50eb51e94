using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Enlarges a picture band by band, from decoder to encoder, in memory that grows with its width alone. The next band is decoded and
/// the previous one encoded while all cores work on this one.
/// </summary>
/// <param name="network">What works on the planes; used by one picture at a time.</param>
/// <param name="networkChannels">1 luma, 3 red, green and blue.</param>
/// <param name="profile">Told how long the parts take.</param>
internal sealed class PictureFlow(IRowStage network, int networkChannels, Profile? profile = null)
{
    /// <summary>Rows of the input: enough that the panels' rings, which wait outside the cache from band to band, cost little.</summary>
    private const int BandRows = 64;

    /// <summary>From a decoder to an encoder, which is left to be completed.</summary>
    public void Run(IImageReader input, IImageWriter output, IProgress<double>? progress, CancellationToken stop) =>
        Run(input.Info, rows => input.Fill(rows.Span), rows => output.WriteRows(rows.Span), progress, stop);

    /// <summary>In memory.</summary>
    public Image Run(Image input, IProgress<double>? progress, CancellationToken stop)
    {
        var output = new Image(checked(input.Width * network.Scale), checked(input.Height * network.Scale), input.Channels, input.BitDepth) { Metadata = input.Metadata };
        var (read, written) = (0, 0);
        Run(
            input.Info,
            rows =>
            {
                input.Samples.AsSpan(read, rows.Length).CopyTo(rows.Span);
                read += rows.Length;
            },
            rows =>
            {
                rows.Span.CopyTo(output.Samples.AsSpan(written));
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
    private void Run(ImageInfo input, Action<Memory<ushort>> read, Action<ReadOnlyMemory<ushort>> write, IProgress<double>? progress, CancellationToken stop)
    {
        var colors = new PictureColors(input, networkChannels, network.Scale);
        network.Start(input.Height, input.Width);
        int inputRow = input.Width * input.Channels, givenRow = input.Width * networkChannels;
        var (given, finished) = (0, 0);
        Turns bands = new(), samples = new();
        float[] source = [], result = [];
        var reading = Read(0);
        var writing = Task.CompletedTask;
        try
        {
            for (var y = 0; y < input.Height; y += BandRows)
            {
                stop.ThrowIfCancellationRequested();
                var band = reading.GetAwaiter().GetResult();
                if (y + BandRows < input.Height) reading = Read(y + BandRows);
                var ready = Split(band, out var rows);
                given = ready;

                var count = 0;
                using (profile?.Begin("network"))
                    network.Push(rows, made => Room(ref result, (count = made) * network.Scale * givenRow));
                var output = samples.Next(count * network.Scale * inputRow);
                using (profile?.Begin("compose"))
                    colors.Compose(finished, finished + count, result, output);
                finished += count;

                writing.GetAwaiter().GetResult();
                writing = Write(output);
                progress?.Report(Math.Min(1, (y + BandRows) / (double)input.Height));
            }
            writing.GetAwaiter().GetResult();
        }
        finally
        {
            // Whatever went wrong: reader and writer are the caller's again only when nobody uses them.
            Task.WhenAll(reading, writing).ContinueWith(static _ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        Task<Memory<ushort>> Read(int y)
        {
            var band = bands.Next(Math.Min(BandRows, input.Height - y) * inputRow);
            return Task.Run(() =>
            {
                using var timed = profile?.Begin("decode");
                read(band);
                return band;
            });
        }

        Task Write(Memory<ushort> output) => Task.Run(
            () =>
            {
                using var timed = profile?.Begin("encode");
                write(output);
            },
            CancellationToken.None);

        int Split(Memory<ushort> band, out Memory<float> rows)
        {
            using var timed = profile?.Begin("split");
            colors.Take(band, finished);
            var ready = colors.Ready;
            rows = Room(ref source, (ready - given) * givenRow);
            colors.Give(given, ready, rows.Span);
            return ready;
        }
    }

    private static Memory<T> Room<T>(ref T[] memory, int length)
    {
        if (memory.Length < length) memory = new T[length];
        return memory.AsMemory(0, length);
    }

    /// <summary>Two pieces of memory in turn: one is worked on while another thread has the other.</summary>
    private sealed class Turns
    {
        private ushort[] next = [], last = [];

        public Memory<ushort> Next(int length)
        {
            (next, last) = (last, next);
            return Room(ref next, length);
        }
    }
}

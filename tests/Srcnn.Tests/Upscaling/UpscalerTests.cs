using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Tests.Cli;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Upscaling;

public sealed class UpscalerTests
{
    private static Upscaler Open(int scale, int channels = 1, int tile = 0, string device = "host") =>
        Upscaler.Open(Workplace.SmallModel(scale, channels), new UpscalerOptions { Device = device, Threads = 2, Tile = tile });

    private static Image Upscale(Image input, int channels = 1, int tile = 0)
    {
        using var upscaler = Open(3, channels, tile);
        return upscaler.Upscale(input);
    }

    [Test]
    public void TilesDoNotShow([Values(1, 3)] int channels)
    {
        var input = Workplace.Noise(31, 23);
        var whole = Upscale(input, channels, 1000);
        Assert.That(whole.Samples.Distinct().Count(), Is.GreaterThan(100), "a picture, not a black square");
        foreach (var tile in (int[])[7, 16, 64, 0]) Assert.That(Upscale(input, channels, tile).Samples, Is.EqualTo(whole.Samples), $"tile {tile}");
    }

    [Test]
    public void BandsDoNotShow([Values("host", "reference")] string device, [Values(1, 3)] int networkChannels)
    {
        // Taller than several bands, and not a multiple of one; planes go through in one piece.
        using var upscaler = Open(2, networkChannels, tile: 50, device);
        var input = Workplace.Noise(13, 205);
        Image expected;
        if (networkChannels == 1)
        {
            var (y, cb, cr) = YCbCr.Forward(input);
            expected = YCbCr.Inverse(upscaler.Upscale([y])[0], Bicubic.Resize(cb, 2), Bicubic.Resize(cr, 2));
        }
        else
        {
            var planes = upscaler.Upscale([Plane.FromChannel(input, 0), Plane.FromChannel(input, 1), Plane.FromChannel(input, 2)]);
            expected = new Image(26, 410, 3);
            for (var i = 0; i < expected.Samples.Length; i++) expected.Samples[i] = (ushort)Plane.Quantise(planes[i % 3].Values[i / 3], 255);
        }
        Assert.That(upscaler.Upscale(input).Samples, Is.EqualTo(expected.Samples));
    }

    [Test]
    public void GreyIsEnlargedAsTheSamePictureInColours([Values(1, 2)] int channels, [Values(8, 16)] int bitDepth)
    {
        var grey = Pictures.Noise(23, 19, channels, bitDepth);
        for (var x = 0; x < 23; x++) (grey.Row(0)[x * channels], grey.Row(1)[x * channels]) = (0, (ushort)grey.MaxSample);
        var colors = new Image(23, 19, channels + 2, bitDepth);
        for (var i = 0; i < 23 * 19; i++)
        {
            colors.Samples.AsSpan(i * (channels + 2), 3).Fill(grey.Samples[i * channels]);
            if (channels == 2) colors.Samples[(i * 4) + 3] = grey.Samples[(i * 2) + 1];
        }
        Image one = Upscale(grey), three = Upscale(colors);
        for (var i = 0; i < 69 * 57; i++)
        for (var c = 0; c < channels + 2; c++)
            Assert.That(one.Samples[(i * channels) + (c / 3)], Is.EqualTo(three.Samples[(i * (channels + 2)) + c]).Within(1), $"pixel {i}, channel {c}");
    }

    [TestCase("srcnn-9-1-5-x3")]
    [TestCase("vdsr")]
    public void BlackAndWhiteOfAGreyPictureStay(string model)
    {
        using var upscaler = Upscaler.Open(model, new UpscalerOptions { Device = "host", Scale = 3 });
        foreach (var value in (ushort[])[0, 255])
        {
            var flat = new Image(16, 16, 1);
            flat.Samples.AsSpan().Fill(value);
            Assert.That(upscaler.Upscale(flat).Samples, Is.All.EqualTo(value));
        }
    }

    [Test]
    public void APictureIsNeverInMemory()
    {
        // A thousand bands; what is alive must not grow with them.
        var source = new EndlessRows(new ImageInfo(ImageFormat.Png, 40, 64 * 1000, 3, 8, ImageMetadata.Empty));
        using var upscaler = Open(2);
        List<long> alive = [];
        upscaler.Upscale(source, source, new Reports(_ => alive.Add(GC.GetTotalMemory(forceFullCollection: alive.Count % 100 == 99))));
        Assert.That(source.Written, Is.EqualTo(4L * 40 * 64 * 1000 * 3));
        Assert.That(alive[^1] - alive[99], Is.LessThan(1 << 20), "bytes");
    }

    [Test]
    public void AStopIsHeardBetweenBands()
    {
        var source = new EndlessRows(new ImageInfo(ImageFormat.Png, 40, 6400, 3, 8, ImageMetadata.Empty));
        using var stop = new CancellationTokenSource();
        using var bicubic = Upscaler.Bicubic(2);
        Assert.That(
            () => bicubic.Upscale(source, source, new Reports(share => { if (share > 0.3) stop.Cancel(); }), stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(source.Written, Is.LessThan(4L * 40 * 6400 * 3 / 2));
    }

    [Test]
    public void TroubleOfReaderAndWriterComesThrough()
    {
        var info = new ImageInfo(ImageFormat.Png, 8, 640, 3, 8, ImageMetadata.Empty);
        using var bicubic = Upscaler.Bicubic(2);
        Assert.That(() => bicubic.Upscale(new EndlessRows(info, readable: 200), new EndlessRows(info)), Throws.InstanceOf<ImageException>());
        Assert.That(() => bicubic.Upscale(new EndlessRows(info), new EndlessRows(info, writable: 200)), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void TwoEnlargementsMakeOne()
    {
        var plane = Plane.FromChannel(Workplace.Noise(17, 150), 0);
        Plane[] expected;
        using (Upscaler first = Open(2), second = Open(3)) expected = second.Upscale(first.Upscale([plane]));
        using var composed = Upscaler.Open([new ModelStep(Workplace.SmallModel(2), 2), new ModelStep(Workplace.SmallModel(3), 3)], new UpscalerOptions { Device = "host" });
        Assert.That(composed.Scale, Is.EqualTo(6));
        Assert.That(composed.Upscale([plane])[0].Values, Is.EqualTo(expected[0].Values));
        Assert.That(composed.Upscale(Workplace.Noise(17, 150)).Height, Is.EqualTo(900));
    }

    [Test]
    public void AnEnsembleDoesNotCareHowAPictureLies()
    {
        using var ensemble = Upscaler.Open(Workplace.SmallModel(2), new UpscalerOptions { Device = "host", SelfEnsemble = true });
        var plane = Plane.FromChannel(Workplace.Noise(11, 7), 0);
        var turned = new Plane(7, 11, [.. Enumerable.Range(0, 77).Select(i => plane.Values[((6 - (i % 7)) * 11) + (i / 7)])]);
        var (straight, other) = (ensemble.Upscale([plane])[0], ensemble.Upscale([turned])[0]);
        using var single = Open(2);
        Assert.That(straight.Values, Is.Not.EqualTo(single.Upscale([plane])[0].Values));
        for (var i = 0; i < straight.Values.Length; i++)
            Assert.That(other.Values[i], Is.EqualTo(straight.Values[((13 - (i % 14)) * 22) + (i / 14)]).Within(1e-6), $"pixel {i}");
    }

    [TestCase(1, 1)]
    [TestCase(1, 5)]
    [TestCase(2, 1)]
    public void PicturesSmallerThanTheKernel(int width, int height)
    {
        var output = Upscale(Workplace.Noise(width, height));
        Assert.That((output.Width, output.Height), Is.EqualTo((3 * width, 3 * height)));
    }

    [Test]
    public void OneColourStaysThatColour([Values(1, 2, 3, 4)] int channels, [Values(8, 16)] int depth)
    {
        var input = new Image(6, 5, channels, depth);
        for (var i = 0; i < input.Samples.Length; i++) input.Samples[i] = (ushort)(((i % channels * 40) + 90) * input.MaxSample / 255);
        if (channels is 2 or 4) for (var i = channels - 1; i < input.Samples.Length; i += channels) input.Samples[i] = (ushort)input.MaxSample;
        using var bicubic = Upscaler.Bicubic(3);
        var output = bicubic.Upscale(input);
        for (var i = 0; i < output.Samples.Length; i++) Assert.That(output.Samples[i], Is.EqualTo((int)input.Samples[i % channels]).Within(depth == 8 ? 0 : 1), $"sample {i}");
    }

    [Test]
    public void HiddenColoursMakeNoFringe()
    {
        // Red on the left; on the right nothing, under which the file keeps bright green.
        var input = new Image(12, 8, 4);
        for (var y = 0; y < 8; y++)
        for (var x = 0; x < 12; x++)
            ((ushort[])(x < 6 ? [200, 30, 30, 255] : [0, 255, 0, 0])).CopyTo(input.Row(y)[(4 * x)..]);
        using var bicubic = Upscaler.Bicubic(3);
        var output = bicubic.Upscale(input);
        for (var i = 0; i < output.Samples.Length; i += 4)
        {
            if (output.Samples[i + 3] == 0) continue;
            Assert.That(output.Samples.AsSpan(i, 3).ToArray(), Is.EqualTo(new ushort[] { 200, 30, 30 }), $"pixel {i / 4}");
        }
    }

    [Test]
    public void HiddenColoursFarAndNearMakeNoFringe([Values(63, 64, 65, 127, 128)] int edge, [Values] bool standing)
    {
        // The same with the edge at every place in the squares that colours spread over, on a picture of several bands.
        var input = new Image(standing ? 200 : 9, standing ? 9 : 200, 4);
        for (var y = 0; y < input.Height; y++)
        for (var x = 0; x < input.Width; x++)
            ((ushort[])((standing ? x : y) < edge ? [200, 30, 30, 255] : [0, 255, 0, 0])).CopyTo(input.Row(y)[(4 * x)..]);
        var output = Upscale(input);
        var opaque = Upscale(Filled(input));
        for (var i = 0; i < output.Samples.Length; i += 4)
        {
            if (output.Samples[i + 3] == 0) continue;
            Assert.That(output.Samples.AsSpan(i, 3).ToArray(), Is.EqualTo(opaque.Samples.AsSpan(i, 3).ToArray()), $"pixel {i / 4}");
        }

        static Image Filled(Image image)
        {
            var filled = new Image(image.Width, image.Height, 4);
            for (var i = 0; i < filled.Samples.Length; i += 4) ((ushort[])[200, 30, 30, 255]).CopyTo(filled.Samples.AsSpan(i));
            return filled;
        }
    }

    [Test]
    public void ASoftEdgeIsThatOfThePictureLaidOverAnyGround([Values(0, 255)] int ground)
    {
        // A disc of slowly changing colours whose edge fades over four pixels; noise is hidden beneath what is transparent.
        const int Side = 40;
        Image input = new(Side, Side, 4), laid = new(Side, Side, 3);
        var noise = new Random(1);
        for (var y = 0; y < Side; y++)
        for (var x = 0; x < Side; x++)
        {
            var alpha = Math.Round(255 * Math.Clamp(((13 - Math.Sqrt(((x - 20) * (x - 20)) + ((y - 20) * (y - 20)))) / 4) + 0.5, 0, 1));
            for (var c = 0; c < 3; c++)
            {
                var color = 60 + (c * 40) + x + y;
                input.Row(y)[(4 * x) + c] = (ushort)(alpha == 0 ? noise.Next(256) : color);
                laid.Row(y)[(3 * x) + c] = (ushort)Over(color, alpha);
            }
            input.Row(y)[(4 * x) + 3] = (ushort)alpha;
        }
        using var bicubic = Upscaler.Bicubic(3);
        Image enlarged = bicubic.Upscale(input), expected = bicubic.Upscale(laid);
        for (var i = 0; i < Side * Side * 9; i++)
        for (var c = 0; c < 3; c++)
            Assert.That(Over(enlarged.Samples[(4 * i) + c], enlarged.Samples[(4 * i) + 3]), Is.EqualTo((double)expected.Samples[(3 * i) + c]).Within(4), $"pixel {i}");

        double Over(double color, double alpha) => Math.Round(((color * alpha) + (ground * (255 - alpha))) / 255);
    }

    [Test]
    public void LumaIsNotRoundedOnTheWay()
    {
        // A 16-bit ramp finer than 8 bit: rounding Y anywhere would leave steps.
        var input = new Image(40, 4, 3, 16);
        for (var i = 0; i < input.Samples.Length; i++) input.Samples[i] = (ushort)(30000 + (i / 3 % 40 * 4));
        var row = Upscale(input).Row(6).ToArray();
        Assert.That(Enumerable.Range(0, 120).Select(x => row[3 * x]).Distinct().Count(), Is.GreaterThan(60));
    }

    [Test]
    public void MetadataIsKept()
    {
        var input = new Image(4, 4, 3) { Metadata = new ImageMetadata(Icc: [1, 2, 3]) };
        Assert.That(Upscale(input).Metadata.Icc, Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    private sealed class Reports(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    /// <summary>Rows of nothing in particular, and a place for as many; both may end in trouble.</summary>
    private sealed class EndlessRows(ImageInfo info, int readable = int.MaxValue, int writable = int.MaxValue) : IImageReader, IImageWriter
    {
        private int read;

        public ImageInfo Info => info;

        public long Written { get; private set; }

        public int ReadRows(Span<ushort> rows)
        {
            if (read > readable) throw new ImageException("endless", "an end", "more");
            for (var i = 0; i < rows.Length; i++) rows[i] = (ushort)((read + i) % 256);
            read += rows.Length / (info.Width * info.Channels);
            return rows.Length / (info.Width * info.Channels);
        }

        public void WriteRows(ReadOnlySpan<ushort> rows)
        {
            Written += rows.Length;
            if (Written > (long)writable * info.Width * info.Channels) throw new IOException("full");
        }

        public void Complete() { }

        public void Dispose() { }
    }
}

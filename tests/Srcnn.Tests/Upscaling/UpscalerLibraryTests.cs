using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Cli;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Upscaling;

/// <summary>The ways into and out of an upscaler that a program has.</summary>
public sealed class UpscalerLibraryTests : WorkplaceTests
{
    private readonly UpscalerOptions options = new() { Device = "host", Threads = 2 };
    private Upscaler upscaler = null!;

    [SetUp]
    public void Open() => upscaler = Upscaler.Open(work.Model, options);

    [TearDown]
    public void Close() => upscaler?.Dispose();

    [Test]
    public void TheCostIsCountedByHand()
    {
        // For a pixel of the result 81·64 + 64·32 + 25·32 multiply–adds, two operations each.
        using var upscaler = Upscaler.Open("srcnn-9-1-5-x3");
        Assert.That(upscaler.Cost, Is.EqualTo(new NetworkCost((81 * 64) + 64 + (64 * 32) + 32 + (25 * 32) + 1, 2 * ((81 * 64) + (64 * 32) + (25 * 32)) / 1000.0)));
    }

    [Test]
    public void WhatIsNoNumberIsNoPicture()
    {
        // Finite weights whose products are not.
        var network = new SrcnnConfig(1, 1, 1, 1, 1);
        NamedTensor[] tensors =
        [
            .. Enumerable.Range(1, 3).SelectMany(i => (NamedTensor[])[new($"conv{i}.weight", [1, 1, 1, 1], [1e30f]), new($"conv{i}.bias", [1], [1])]),
        ];
        using var upscaler = Upscaler.Open(new ModelFile(network, 2, tensors), new UpscalerOptions { Device = "host" });
        Assert.That(() => upscaler.Upscale(new byte[16], 4, 4), Throws.TypeOf<DeviceException>().With.Message.Contains("no numbers"));
    }

    [Test]
    public void AModelOfScaleOneRuns()
    {
        // Doubles what it sees; bicubic at ×1 would leave it as it is.
        var network = new SrcnnConfig(1, 1, 1, 2, 2, Channels: 3);
        NamedTensor[] tensors =
        [
            new("conv1.weight", [2, 3, 1, 1], [1, 0, 0, 0, 1, 0]), new("conv1.bias", [2], [0, 0]),
            new("conv2.weight", [2, 2, 1, 1], [1, 0, 0, 1]), new("conv2.bias", [2], [0, 0]),
            new("conv3.weight", [3, 2, 1, 1], [1, 1, 1, 1, 1, 1]), new("conv3.bias", [3], [0, 0, 0]),
        ];
        using var folder = new TemporaryFolder();
        new ModelFile(network, 1, tensors).Save(folder.File("twice.safetensors"));
        using var upscaler = Upscaler.Open(folder.File("twice.safetensors"), new UpscalerOptions { Device = "host", Scale = 1 });
        byte[] dark = [.. Enumerable.Repeat((byte)50, 4 * 4 * 3)];
        Assert.That(upscaler.Upscale(dark, 4, 4), Is.All.EqualTo(100));
    }

    [Test]
    public void PixelsPicturesFilesAndStreamsAgree([Values(1, 2, 3, 4)] int channels)
    {
        var picture = Workplace.Noise(11, 7, channels);
        var expected = upscaler.Upscale(picture).Samples;
        var pixels = upscaler.Upscale([.. picture.Samples.Select(s => (byte)s)], 11, 7);
        Assert.That(pixels.Select(p => (ushort)p), Is.EqualTo(expected));

        ImageFile.Write(work["small.png"], picture);
        upscaler.Upscale(work["small.png"], work["large.tif"]);
        Assert.That(ImageFile.Read(work["large.tif"]).Samples, Is.EqualTo(expected));

        using var input = new OneWay(new MemoryStream(File.ReadAllBytes(work["small.png"])));
        using var result = new MemoryStream();
        using (var output = new OneWay(result)) upscaler.Upscale(input, output);
        File.WriteAllBytes(work["stream.png"], result.ToArray());
        Assert.That(ImageFile.Probe(work["stream.png"]).Format, Is.EqualTo(ImageFormat.Png), "as the input");
        Assert.That(ImageFile.Read(work["stream.png"]).Samples, Is.EqualTo(expected));
    }

    [Test]
    public void WhoNamesNoModelGetsTheDefaultForTheScale()
    {
        using Upscaler two = Upscaler.Open(options: options with { Scale = 2 }), six = Upscaler.Open(options: options with { Scale = 6 }), named = Upscaler.Open("fsrcnn-x3");
        Assert.That((two.Name, two.Scale, six.Name, six.Scale, named.Scale), Is.EqualTo(("compact-7-32", 2, "compact-7-32, compact-7-32", 6, 3)));
        Assert.That(two.Device, Is.EqualTo("host"));
        var cost = six.Cost!;
        using var three = Upscaler.Open("good", options with { Scale = 3 });
        Assert.That(cost.Parameters, Is.EqualTo(two.Cost!.Parameters + three.Cost!.Parameters));
        Assert.That(cost.GigaflopsPerMegapixel, Is.EqualTo(two.Cost.GigaflopsPerMegapixel + (three.Cost.GigaflopsPerMegapixel / 4)).Within(1e-9), "×3 comes first");
        using var bicubic = Upscaler.Open(Upscaler.BicubicName);
        Assert.That((bicubic.Scale, bicubic.Cost, bicubic.Device), Is.EqualTo((3, (NetworkCost?)null, (string?)null)));
    }

    [Test]
    public void ProgressEndsAtOneAndNeverFalls()
    {
        List<double> shares = [];
        upscaler.Upscale(new byte[40 * 300], 40, 300, new Reports(shares.Add));
        Assert.That(shares, Is.Ordered.And.Count.GreaterThan(2));
        Assert.That(shares[^1], Is.EqualTo(1));
    }

    [Test]
    public void ACancelledCallLeavesNothing()
    {
        var input = work.Picture("tall.png", 20, 2000);
        var before = Directory.GetFiles(work.Folder);
        using var stop = new CancellationTokenSource();
        var early = new Reports(_ => stop.Cancel());
        Assert.That(() => upscaler.Upscale(input, work["large.png"], progress: early, stop: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(work.Folder), Is.EquivalentTo(before));
        using var result = new MemoryStream();
        Assert.That(() => upscaler.Upscale(File.OpenRead(input), result, stop: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(result.Length, Is.Zero);
        Assert.That(() => upscaler.Upscale(new byte[12], 2, 2, stop: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(upscaler.Upscale(new byte[12], 2, 2), Has.Length.EqualTo(9 * 12), "the next call is served");
    }

    [Test]
    public void AFileMayTakeItsInputsPlace()
    {
        var path = work.Picture("a.png", 5, 4);
        upscaler.Upscale(path, path);
        Assert.That(ImageFile.Probe(path).Width, Is.EqualTo(15));
    }

    [Test]
    public void CallsFromSeveralThreadsWaitForEachOther()
    {
        var pictures = Enumerable.Range(20, 8).Select(side => Workplace.Noise(side, side)).ToList();
        var expected = pictures.ConvertAll(p => upscaler.Upscale(p).Samples);
        var results = new Image[pictures.Count];
        Parallel.For(0, pictures.Count, i => results[i] = upscaler.Upscale(pictures[i]));
        for (var i = 0; i < results.Length; i++) Assert.That(results[i].Samples, Is.EqualTo(expected[i]), $"picture {i}");
    }

    [Test]
    public void ABackendThatWasGivenStaysOpen()
    {
        using var backend = Require.Backend("ilgpu-cpu");
        for (var time = 0; time < 2; time++)
        {
            using var own = Upscaler.Open(work.Model, options with { Backend = backend, Warn = Assert.Fail });
            Assert.That(own.Device, Is.EqualTo("ilgpu-cpu"));
            Assert.That(own.Upscale(new byte[4], 2, 2), Has.Length.EqualTo(36));
        }
    }

    [Test]
    public void WhatCannotBeDoneSaysWhatItIs()
    {
        Assert.That(() => upscaler.Upscale(new byte[13], 2, 2), Throws.ArgumentException.With.Message.Contains("13 bytes for 2×2 pixels"));
        Assert.That(() => upscaler.Upscale(new byte[4 * 5], 2, 2), Throws.ArgumentException);
        Assert.That(() => upscaler.Upscale([], 2, 2), Throws.ArgumentException);
        Assert.That(() => upscaler.Upscale(new byte[4], 0, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => upscaler.Upscale(work["none.png"], work["b.png"]), Throws.InstanceOf<FileNotFoundException>());
        Assert.That(() => upscaler.Upscale(work.Picture("a.png"), work["b.txt"]), Throws.InstanceOf<ImageException>().With.Message.Contains("extension"));
        Assert.That(() => upscaler.Upscale(work["a.png"], work["folder", "b.png"]), Throws.InstanceOf<IOException>());
        Assert.That(() => upscaler.Upscale(new MemoryStream([1, 2, 3]), new MemoryStream()), Throws.InstanceOf<ImageException>());
        Assert.That(() => upscaler.Enlarged(new ImageInfo(ImageFormat.Png, int.MaxValue / 2, 1, 1, 8, ImageMetadata.Empty)), Throws.InstanceOf<ImageException>());
        Assert.That(() => Upscaler.Open("fsrcn-x3"), Throws.InstanceOf<UnknownModelException>());
        Assert.That(() => Upscaler.Open(work["none.safetensors"]), Throws.InstanceOf<ModelException>());
        Assert.That(() => Upscaler.Open(work.Model, options with { Scale = 2 }), Throws.InstanceOf<ModelException>().With.Message.Contains("a model for scale 3"));
        Assert.That(() => Upscaler.Open(work.Model, options with { Scale = 17 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Upscaler.Open(work.Model, new UpscalerOptions { Device = "tpu" }), Throws.InstanceOf<UnknownBackendException>());
        Assert.That(() => Upscaler.Open([new ModelStep(Workplace.SmallModel(2), 2), new ModelStep(Workplace.SmallModel(2, channels: 3), 2)]), Throws.ArgumentException);
        upscaler.Dispose();
        Assert.That(() => upscaler.Upscale(new byte[4], 2, 2), Throws.InstanceOf<ObjectDisposedException>());
    }

    private sealed class Reports(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    /// <summary>A stream as a socket is: it cannot seek.</summary>
    private sealed class OneWay(Stream inner) : Stream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 100));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}

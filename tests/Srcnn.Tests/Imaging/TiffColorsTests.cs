using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

/// <summary>
/// Every photometric interpretation of TIFF. What is expected of YCbCr, grey, palettes and premultiplied colours is what tiff2rgba of libtiff
/// 4.5 made of these files; Lab is the colour it was computed from.
/// </summary>
public sealed class TiffColorsTests : FolderTests
{
    private const int Width = 8, Height = 4;

    // Eight colours, and the luma of each: white, black, red, green, blue, grey, yellow, steel.
    private static readonly double[] Colors = [255, 255, 255, 0, 0, 0, 230, 30, 30, 20, 200, 40, 30, 40, 220, 128, 128, 128, 255, 255, 40, 90, 140, 190];
    private static readonly double[] Greys = [255, 0, 90, 128, 58, 128, 230, 131];

    // The same colours in other spaces, computed by hand in double and rounded.
    private static readonly double[] Codes601 = [255, 128, 128, 0, 128, 128, 90, 94, 228, 128, 78, 51, 58, 220, 108, 128, 128, 128, 230, 20, 145, 131, 161, 99];
    private static readonly double[] Codes709 = [255, 128, 128, 0, 128, 128, 73, 105, 228, 150, 69, 45, 51, 219, 115, 128, 128, 128, 239, 21, 138, 133, 159, 101];
    private static readonly double[] CodesStudio = [235, 128, 128, 16, 128, 128, 93, 98, 216, 126, 84, 60, 65, 209, 111, 126, 128, 128, 214, 34, 143, 128, 157, 102];

    private static readonly double[] LabD50 =
        [100, 0, 0, 0, 0, 0, 50.235, 71.826, 54.855, 70.657, -64.109, 60.975, 29.784, 49.652, -91.796, 53.585, 0, 0, 97.659, -15.393, 89.013, 56.284, -6.390, -31.773];

    private static readonly double[] LabD65 =
        [100, 0, 0, 0, 0, 0, 49.315, 71.081, 52.758, 70.600, -69.455, 62.466, 31.714, 59.698, -88.932, 53.585, 0, 0, 97.202, -21.052, 89.923, 56.730, -2.425, -31.191];

    private static IEnumerable<TestCaseData> Read()
    {
        // What is stored, and what libtiff makes of it.
        foreach (var bits in (int[])[8, 16])
        {
            var unit = bits == 8 ? 1 : 257;
            var alpha = ((ushort)338, (ushort)3, new uint[] { 2 });
            yield return Case($"white is zero, {bits} bit", 0, 1, bits, [.. Greys.Select(v => (255 - v) * unit)], Greys);
            yield return Case($"black is zero, {bits} bit", 1, 1, bits, Times(Greys, unit), Greys);
            yield return Case($"grey and alpha, {bits} bit", 1, 2, bits, Times(With(Greys, 1, 128), unit), With(Greys, 1, 128), tags: [alpha]);
            foreach (var planar in (bool[])[false, true])
            {
                var layout = planar ? "planar" : "chunky";
                yield return Case($"RGB, {bits} bit, {layout}", 2, 3, bits, Times(Colors, unit), Colors, planar);
                yield return Case($"RGB and alpha, {bits} bit, {layout}", 2, 4, bits, Times(With(Colors, 3, 128), unit), With(Colors, 3, 128), planar, tags: [alpha]);
                yield return Case($"RGB and alpha multiplied in, {bits} bit, {layout}", 2, 4, bits, Times(With([.. Colors.Select(v => Math.Round(v * 128 / 255))], 3, 128), unit),
                    With(Colors, 3, 128), planar, within: 1, tags: [(338, 3, [1])]);
            }
        }
        foreach (var bits in (int[])[1, 2, 4])
        {
            double[] levels = [.. Greys.Select(v => Math.Floor(v / 256 * (1 << bits)))], shown = Times(levels, 255.0 / ((1 << bits) - 1));
            yield return Case($"white is zero, {bits} bit", 0, 1, bits, [.. levels.Select(v => (1 << bits) - 1 - v)], shown);
            yield return Case($"black is zero, {bits} bit", 1, 1, bits, levels, shown);
        }
        foreach (var bits in (int[])[4, 8, 16])
        {
            var map = new uint[3 << bits];
            for (var i = 0; i < Colors.Length; i++) map[(i % 3 << bits) + (i / 3)] = (uint)Colors[i] * 257;
            yield return Case($"palette, {bits} bit", 3, 1, bits, [0, 1, 2, 3, 4, 5, 6, 7], Colors, tags: [(320, 3, map)]);
        }
        (ushort, ushort, uint[]) full = (530, 3, [1, 1]);
        double[] of601 = [255, 255, 255, 0, 0, 0, 230, 30, 30, 20, 200, 39, 30, 41, 221, 128, 128, 128, 254, 255, 39, 90, 140, 189];
        double[] of709 = [255, 255, 255, 0, 0, 0, 230, 30, 30, 19, 200, 41, 31, 40, 220, 128, 128, 128, 255, 254, 40, 90, 140, 191];
        double[] ofStudio = [255, 255, 255, 0, 0, 0, 228, 30, 29, 20, 200, 41, 30, 39, 218, 128, 128, 128, 254, 254, 42, 89, 140, 187];
        yield return Case("YCbCr", 6, 3, 8, Codes601, of601, within: 1, tags: [full]);
        yield return Case("YCbCr of BT.709", 6, 3, 8, Codes709, of709, within: 1, tags: [full, (529, 5, [2126, 10000, 7152, 10000, 722, 10000])]);
        // libtiff cuts a value to a whole number halfway: the colours themselves are nearer.
        yield return Case("YCbCr of studio range", 6, 3, 8, CodesStudio, ofStudio, within: 2, tags: [full, (532, 5, [16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1])]);
        // Who does not say takes D50 for white, but libvips, which alone writes floats.
        (ushort, ushort, uint[]) daylight = (318, 5, [3127, 10000, 3290, 10000]);
        yield return Case("CIE Lab, 8 bit", 8, 3, 8, Bytes(LabD50), Colors, within: 5);
        yield return Case("CIE Lab, 8 bit, D65", 8, 3, 8, Bytes(LabD65), Colors, within: 4, tags: [daylight]);
        yield return Case("CIE Lab, 16 bit", 8, 3, 16, Words(LabD50), Colors, within: 1);
        yield return Case("CIE Lab, 16 bit, D65", 8, 3, 16, Words(LabD65), Colors, within: 1, tags: [daylight]);
        yield return Case("CIE Lab, floats", 8, 3, 32, LabD65, Colors, within: 1);
        yield return Case("CIE Lab, floats, planar", 8, 3, 32, LabD65, Colors, planar: true, within: 1);

        static double[] Bytes(double[] lab) => [.. lab.Select((v, i) => Math.Round(i % 3 == 0 ? v * 2.55 : v))];

        static double[] Words(double[] lab) => [.. lab.Select((v, i) => Math.Round(i % 3 == 0 ? v * 655.35 : v * 256))];

        static TestCaseData Case(string name, int photometric, int channels, int bits, double[] row, double[] expected, bool planar = false, int within = 0, (ushort, ushort, uint[])[]? tags = null) =>
            new TestCaseData(Page(photometric, channels, bits, row, planar, tags), expected, within).SetArgDisplayNames(name);
    }

    private static IEnumerable<TestCaseData> Refused()
    {
        foreach (var (number, (name, _)) in TiffColors.Interpretations)
        {
            if (number is 0 or 1 or 2 or 3 or 5 or 6 or 8) continue;
            foreach (var bits in (int[])[1, 8, 16]) yield return Case(number, 1, bits, name);
            yield return Case(number, 3, 8, name);
        }
        yield return Case(7, 3, 8, "photometric interpretation 7");
        yield return Case(65000, 3, 8, "photometric interpretation 65000");
        foreach (var bits in (int[])[8, 16])
        {
            yield return Case(0, 2, bits, "grey whose zero is white", planar: true);
            yield return Case(1, 2, bits, "grey", planar: true);
            yield return Case(6, 3, bits, "YCbCr", planar: true);
            yield return Case(8, 3, bits, "CIE Lab", planar: true);
            yield return Case(8, 4, bits, "CIE Lab");
            yield return Case(5, 3, bits, "separated inks", tags: [(332, 3, [2])]);
            yield return Case(5, 4, bits, "separated inks", tags: [(332, 3, [2])]);
            yield return Case(5, 5, bits, "separated inks", tags: [(338, 3, [2])]);
        }
        yield return Case(6, 3, 16, "YCbCr", tags: [(530, 3, [1, 1])]);
        yield return Case(8, 1, 8, "CIE Lab");
        yield return Case(2, 3, 32, "Float");
        yield return Case(1, 1, 32, "Float");

        static TestCaseData Case(int photometric, int channels, int bits, string name, bool planar = false, (ushort, ushort, uint[])[]? tags = null) =>
            new TestCaseData(Page(photometric, channels, bits, new double[Width * channels], planar, tags), name).SetArgDisplayNames($"{photometric}: {channels} × {bits} bit{(planar ? ", planar" : "")}");
    }

    [TestCaseSource(nameof(Read))]
    public void WhatIsReadHasLibtiffsColours(object page, double[] expected, int within)
    {
        var read = ImageFile.Read(folder.File("a.tif", TiffFile.Of((TiffPage)page)));
        Assert.That((read.Width, read.Height, read.Channels), Is.EqualTo((Width, Height, expected.Length / Width)));
        for (var y = 0; y < Height; y++)
            Assert.That(Array.ConvertAll(read.Row(y).ToArray(), s => s * 255.0 / read.MaxSample), Is.EqualTo(expected).Within(within + 0.51), $"row {y}");
    }

    [TestCaseSource(nameof(Refused))]
    public void WhatIsNotReadIsNamed(object page, string name) =>
        Assert.That(() => ImageFile.Read(folder.File("a.tif", TiffFile.Of((TiffPage)page))), Throws.InstanceOf<ImageException>().With.Message.Contains(name));

    [Test]
    public void ChromaOfFewerPixelsIsSharedAmongThem([Values(1, 2)] int down)
    {
        // Two by one or two by two pixels have a Cb and a Cr; their luma is that of the row, so both rows look alike.
        byte Code(int x, int c) => (byte)Codes601[(3 * x) + c];
        List<byte> stored = [];
        for (var y = 0; y < Height; y += down)
        for (var x = 0; x < Width; x += 2)
        {
            for (var i = 0; i < down; i++) stored.AddRange([Code(x, 0), Code(x + 1, 0)]);
            stored.AddRange([Code(x, 1), Code(x, 2)]);
        }
        var read = ImageFile.Read(folder.File("a.tif", TiffFile.Of(new TiffPage(Width, Height, 3, 6, [], Stored: [.. stored], Tags: [(530, 3, [2, (uint)down])]))));
        Assert.That(read.Channels, Is.EqualTo(3));
        // tiff2rgba 4.5
        ushort[] expected = [255, 255, 255, 0, 0, 0, 230, 30, 30, 255, 68, 68, 30, 41, 221, 100, 111, 255, 254, 255, 39, 155, 156, 0];
        for (var y = 0; y < Height; y++) Assert.That(read.Row(y).ToArray(), Is.EqualTo(expected).Within(1), $"row {y}");
    }

    [Test]
    public void InksAreConvertedInBothDepths([Values(8, 16)] int bits, [Values] bool planar)
    {
        // No ink is white paper, black ink alone is dark, red is what magenta and yellow make.
        double[] row = [0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 255, 0, .. new double[20]];
        var read = ImageFile.Read(folder.File("a.tif", TiffFile.Of(Page(5, 4, bits, Times(row, bits == 8 ? 1 : 257), planar, null))));
        Assert.That(read.Channels, Is.EqualTo(3));
        var pixels = read.Row(2).ToArray().Select(s => s * 255 / read.MaxSample).Chunk(3).ToArray();
        Assert.That(pixels[0], Is.All.GreaterThan(250));
        Assert.That(pixels[1], Is.All.LessThan(70));
        Assert.That(pixels[2][0] - pixels[2].Skip(1).Max(), Is.GreaterThan(120));
    }

    private static TiffPage Page(int photometric, int channels, int bits, double[] row, bool planar, (ushort, ushort, uint[])[]? tags) =>
        new(Width, Height, channels, photometric, [.. Enumerable.Repeat(row, Height).SelectMany(r => r)], bits, planar, Tags: tags ?? []);

    private static double[] Times(double[] values, double factor) => Array.ConvertAll(values, v => v * factor);

    private static double[] With(double[] pixels, int channels, double alpha) => [.. pixels.Chunk(channels).SelectMany(p => p.Append(alpha))];
}

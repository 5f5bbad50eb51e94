using System.IO.Hashing;
using System.Text;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Tests.Imaging;

/// <summary>
/// How files say their colours. What goes to another format is looked at through the profile there with Little CMS, which libvips has; what
/// is expected is computed by hand from the curves and, for primaries, known colours.
/// </summary>
public sealed class ColorStatementTests : FolderTests
{
    private static readonly byte[] P3Chromaticities = Words(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000);
    private static readonly byte[] SrgbChromaticities = Words(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000);

    [Test]
    public void PngKeepsEveryStatementInAnyCombination([Values] bool cicp, [Values] bool icc, [Values] bool srgb, [Values] bool gamma, [Values] bool bits)
    {
        List<(string Type, byte[] Data)> chunks = [];
        if (cicp) chunks.AddRange([("cICP", [9, 16, 0, 1]), ("mDCV", new byte[24]), ("cLLI", new byte[8])]);
        if (icc) chunks.Add(("iCCP", [.. "p3\0\0"u8, .. Packed(NetVips.Image.ProfileLoad("p3"))]));
        if (srgb && !icc) chunks.Add(("sRGB", [1])); // never beside a profile, says PNG
        if (gamma) chunks.AddRange([("gAMA", Words(100_000)), ("cHRM", P3Chromaticities)]);
        if (bits) chunks.Add(("sBIT", [5, 6, 5]));
        Enlarge(Png(chunks), "b.png");
        var written = Chunks(File.ReadAllBytes(folder.File("b.png")));
        foreach (var (type, data) in chunks.Where(c => c.Type != "iCCP")) Assert.That(written.GetValueOrDefault(type), Is.EqualTo(data), type);
        Assert.That(written.ContainsKey("iCCP"), Is.EqualTo(icc));
        Assert.That(written.Keys.Where(k => k is not ("IHDR" or "IDAT" or "IEND")), Is.EquivalentTo(chunks.Select(c => c.Type)), "nothing more");
    }

    // A linear 128 is 188 in sRGB: 255 (1.055 (128/255)^(1/2.4) − 0.055); gamma 1/1.8 makes 128/255 light of 0.289, which is 146.
    [TestCase("gAMA 1", 188)]
    [TestCase("gAMA 1/1.8", 146)]
    [TestCase("gAMA 1/2.2", 128)]
    [TestCase("sRGB, gAMA 1", 128)]
    [TestCase("cICP linear", 188)]
    [TestCase("cICP sRGB, gAMA 1", 128)]
    [TestCase("cICP linear, sRGB", 188)]
    [TestCase("cICP BT.709", 140)]
    public void OtherFormatsShowWhatPngSays(string statement, int grey)
    {
        List<(string, byte[])> chunks = [];
        foreach (var part in statement.Split(", "))
            chunks.Add(part switch
            {
                "gAMA 1" => ("gAMA", Words(100_000)),
                "gAMA 1/1.8" => ("gAMA", Words(55_556)),
                "gAMA 1/2.2" => ("gAMA", Words(45_455)),
                "sRGB" => ("sRGB", [0]),
                "cICP linear" => ("cICP", [1, 8, 0, 1]),
                "cICP sRGB" => ("cICP", [1, 13, 0, 1]),
                _ => ("cICP", [1, 1, 0, 1]),
            });
        foreach (var format in (string[])["jpg", "webp", "tif"])
        foreach (var channels in (int[])[1, 3])
        {
            Enlarge(Png(chunks, channels), "b." + format);
            Assert.That(Shown("b." + format), Is.EqualTo([grey, grey, grey]).Within(2), $"{format}, {channels} channels");
            Assert.That(ImageFile.Probe(folder.File("b." + format)).Metadata.Icc is null, Is.EqualTo(grey == 128), "sRGB is not said");
        }
    }

    // A dull red of Display P3, through the matrices of both colour spaces in double.
    [TestCase("cICP", new[] { 200, 100, 100 }, new[] { 215, 93, 97 })]
    [TestCase("cHRM", new[] { 200, 100, 100 }, new[] { 215, 93, 97 })]
    public void PrimariesAreShownToo(string type, int[] stored, int[] shown)
    {
        Enlarge(Png([type == "cICP" ? ("cICP", [12, 13, 0, 1]) : ("cHRM", P3Chromaticities)], color: [.. stored.Select(v => (byte)v)]), "b.tif");
        Assert.That(Shown("b.tif"), Is.EqualTo(shown).Within(2));
    }

    [Test]
    public void ChromaticitiesOfSrgbNeedNoProfile()
    {
        Enlarge(Png([("gAMA", Words(45_455)), ("cHRM", SrgbChromaticities)]), "b.jpg");
        Assert.That(ImageFile.Probe(folder.File("b.jpg")).Metadata.Icc, Is.Null);
    }

    [Test]
    public void AProfileCountsBeforeGammaAndAfterCicp()
    {
        var profile = NetVips.Image.ProfileLoad("p3");
        (string, byte[]) icc = ("iCCP", [.. "p3\0\0"u8, .. Packed(profile)]);
        Enlarge(Png([icc, ("gAMA", Words(100_000))]), "b.jpg");
        Assert.That(ImageFile.Probe(folder.File("b.jpg")).Metadata.Icc, Is.EqualTo(profile));
        Enlarge(Png([("cICP", [1, 8, 0, 1]), icc]), "b.jpg");
        Assert.That(Shown("b.jpg"), Is.EqualTo([188, 188, 188]).Within(2));
        Enlarge(Png([("cICP", [9, 16, 0, 1]), icc]), "b.jpg"); // PQ, with a profile for those who do not know it
        Assert.That(ImageFile.Probe(folder.File("b.jpg")).Metadata.Icc, Is.EqualTo(profile));
    }

    [TestCase(16)]
    [TestCase(18)]
    public void WhatIsBrighterThanWhiteStaysInPng(int transfer)
    {
        var error = Assert.Throws<ImageException>(() => Enlarge(Png([("cICP", [9, (byte)transfer, 0, 1])]), "b.jpg"));
        Assert.That(error!.Message, Does.Contain($"9-{transfer}-0-1").And.Contain("PNG"));
        Assert.That(folder.Names(), Is.EqualTo(new[] { "a.png" }));
    }

    [Test]
    public void SignificantBitsFitTheChannels()
    {
        // A palette says three; with transparent colours the picture has four.
        byte[] palette = [10, 20, 30, 200, 100, 50];
        var file = Png([("sBIT", [5, 6, 5])], header: [0, 0, 0, 8, 0, 0, 0, 8, 8, 3, 0, 0, 0], before: [("PLTE", palette), ("tRNS", [128])], row: new byte[8]);
        Enlarge(file, "b.png");
        Assert.That(Chunks(File.ReadAllBytes(folder.File("b.png")))["sBIT"], Is.EqualTo(new byte[] { 5, 6, 5, 8 }));
    }

    [Test]
    public void TiffSaysItInTagsOfItsOwn()
    {
        uint[] linear = [.. Enumerable.Range(0, 256).Select(v => (uint)(v * 257))];
        var page = new TiffPage(8, 8, 1, 1, [.. Enumerable.Repeat(128.0, 64)], Tags: [(301, 3, linear), (318, 5, [3127, 10_000, 3290, 10_000]), (319, 5, [64, 100, 33, 100, 30, 100, 60, 100, 15, 100, 6, 100])]);
        folder.File("a.tif", TiffFile.Of(page));
        using var upscaler = Upscaler.Bicubic(2);
        upscaler.Upscale(folder.File("a.tif"), folder.File("b.tif"));
        var colors = ImageFile.Probe(folder.File("b.tif")).Metadata.Colors!;
        Assert.That(colors.Transfer, Is.EqualTo(linear));
        Assert.That(colors.Chromaticities, Is.EqualTo(new[] { 0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06 }).Within(1e-6));
        foreach (var format in (string[])["png", "jpg"])
        {
            upscaler.Upscale(folder.File("a.tif"), folder.File("b." + format));
            Assert.That(Shown("b." + format), Is.EqualTo([188, 188, 188]).Within(2), format);
        }
    }

    private void Enlarge(byte[] png, string output)
    {
        using var upscaler = Upscaler.Bicubic(2);
        upscaler.Upscale(folder.File("a.png", png), folder.File(output));
    }

    /// <summary>The middle pixel as a screen of sRGB shows it.</summary>
    private int[] Shown(string name)
    {
        using var stored = NetVips.Image.NewFromFile(folder.File(name));
        using var shown = stored.Contains("icc-profile-data") ? stored.IccTransform("srgb", embedded: true, intent: NetVips.Enums.Intent.Relative) : stored.Copy();
        var pixel = shown.Getpoint(8, 8);
        return pixel.Length == 1 ? [(int)pixel[0], (int)pixel[0], (int)pixel[0]] : [.. pixel.Select(v => (int)Math.Round(v))];
    }

    /// <summary>8×8 pixels of one colour, 128 if none is given.</summary>
    private static byte[] Png(List<(string, byte[])> chunks, int channels = 3, byte[]? color = null, byte[]? header = null, (string, byte[])[]? before = null, byte[]? row = null)
    {
        row ??= [.. Enumerable.Repeat(color ?? [.. Enumerable.Repeat((byte)128, channels)], 8).SelectMany(c => c)];
        header ??= [0, 0, 0, 8, 0, 0, 0, 8, 8, (byte)(channels == 1 ? 0 : 2), 0, 0, 0];
        byte[] pixels = [.. Enumerable.Repeat((byte[])[0, .. row], 8).SelectMany(r => r)];
        List<(string, byte[])> all = [("IHDR", header), .. chunks, .. before ?? [], ("IDAT", Packed(pixels)), ("IEND", [])];
        return [0x89, .. "PNG\r\n\x1a\n"u8, .. all.SelectMany(c => Chunk(c.Item1, c.Item2))];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. Words((uint)data.Length), .. named, .. Words(Crc32.HashToUInt32(named))];
    }

    private static Dictionary<string, byte[]> Chunks(byte[] png)
    {
        Dictionary<string, byte[]> chunks = [];
        for (var at = 8; at < png.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            chunks[Encoding.ASCII.GetString(png, at + 4, 4)] = png[(at + 8)..(at + 8 + length)];
            at += 12 + length;
        }
        return chunks;
    }

    private static byte[] Packed(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(data);
        return packed.ToArray();
    }

    private static byte[] Words(params uint[] values) => [.. values.SelectMany(v => BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(v)))];
}

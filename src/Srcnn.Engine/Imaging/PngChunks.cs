using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Srcnn.Engine.Imaging;

/// <summary>What a PNG file says beside its pixels, which stands in chunks of its own.</summary>
internal static class PngChunks
{
    /// <summary>Signature and IHDR, which come first.</summary>
    private const int HeadLength = 8 + 12 + 13;

    /// <summary>Bytes of a profile or text, unpacked, and of all together; what is longer is left out.</summary>
    private const int MostBytes = 8 << 20;

    private const int MetreUnit = 1;
    private const string Xmp = "XML:com.adobe.xmp", Profile = "Raw profile type ";

    /// <summary>The metadata, and how many frames an animation has; 1 where it is none.</summary>
    public static (ImageMetadata Metadata, int Frames) Read(Stream file)
    {
        var metadata = ImageMetadata.Empty;
        var colors = new ColorStatement();
        List<TextNote> texts = [];
        var (frames, room) = (1, (long)MostBytes);
        var head = new byte[8];
        file.Position = 8;
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(head), next = file.Position + length + 4;
            var type = Encoding.Latin1.GetString(head, 4, 4);
            if (next > file.Length || type == "IEND") break;
            if (type is "cICP" or "iCCP" or "sRGB" or "gAMA" or "cHRM" or "sBIT" or "mDCV" or "cLLI" or "pHYs" or "eXIf" or "tEXt" or "zTXt" or "iTXt" or "acTL" && length <= room)
            {
                room -= length;
                var data = new byte[length];
                file.ReadExactly(data);
                Take(type, data);
            }
            file.Position = next;
        }
        return (metadata with { Texts = texts, Colors = colors.IsEmpty ? null : colors }, frames);

        void Take(string type, byte[] data)
        {
            switch (type, data.Length)
            {
                case ("cICP", 4): colors = colors with { Cicp = data }; break;
                case ("sRGB", 1): colors = colors with { SrgbIntent = data[0] }; break;
                case ("gAMA", 4) when UInt32(data, 0) > 0: colors = colors with { Gamma = UInt32(data, 0) / 1e5 }; break;
                case ("cHRM", 32): colors = colors with { Chromaticities = [.. Enumerable.Range(0, 8).Select(i => UInt32(data, 4 * i) / 1e5)] }; break;
                case ("sBIT", >= 1 and <= 4): colors = colors with { SignificantBits = data }; break;
                case ("mDCV", 24): colors = colors with { MasteringDisplay = data }; break;
                case ("cLLI", 8): colors = colors with { ContentLight = data }; break;
                case ("pHYs", 9) when data[8] == MetreUnit && UInt32(data, 0) > 0 && UInt32(data, 4) > 0: metadata = metadata with { Resolution = (UInt32(data, 0), UInt32(data, 4)) }; break;
                case ("eXIf", > 8): metadata = metadata with { Exif = Exif.Upright(data) }; break;
                case ("acTL", 8): frames = (int)Math.Clamp(UInt32(data, 0), 1, int.MaxValue); break;
                case ("iCCP", _): metadata = metadata with { Icc = IccProfile.OfSamples(After(data, 1) is [0, .. var packed] ? Inflate(packed, ref room) : null) }; break;
                case ("tEXt" or "zTXt" or "iTXt", _) when Text(type, data, ref room) is { } text: Note(text); break;
            }
        }

        void Note(TextNote text)
        {
            if (text.Keyword == Xmp) metadata = metadata with { Xmp = Encoding.UTF8.GetBytes(text.Text) };
            else if (text.Keyword is Profile + "iptc" or Profile + "8bim" && HexProfile(text.Text) is { } resources) metadata = metadata with { Photoshop = resources };
            else texts.Add(text);
        }
    }

    /// <summary>The place behind IEND, null where it is not there.</summary>
    public static long? End(Stream file)
    {
        var head = new byte[8];
        file.Position = 8;
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            var next = file.Position + BinaryPrimitives.ReadUInt32BigEndian(head) + 4;
            if (next > file.Length) break;
            if (head.AsSpan(4).SequenceEqual("IEND"u8)) return next;
            file.Position = next;
        }
        return null;
    }

    /// <summary>What an encoder wrote first, up to some of its pixels, with the metadata in place of its own.</summary>
    /// <param name="encoded">At least to the name of the first IDAT.</param>
    public static byte[] Head(ReadOnlySpan<byte> encoded, ImageInfo info)
    {
        var rest = HeadLength;
        while (!encoded.Slice(rest + 4, 4).SequenceEqual("IDAT"u8)) rest += 12 + (int)UInt32(encoded, rest);
        var (metadata, colors) = (info.Metadata, info.Metadata.Colors);
        var head = new MemoryStream();
        head.Write(encoded[..HeadLength]);
        if (colors?.Cicp is { } cicp) Put("cICP", cicp);
        if (colors?.MasteringDisplay is { } display) Put("mDCV", display);
        if (colors?.ContentLight is { } light) Put("cLLI", light);
        if (metadata.Icc is { } icc) Put("iCCP", [.. "ICC\0\0"u8, .. Deflate(icc)]);
        else if (colors?.SrgbIntent is { } intent) Put("sRGB", [intent]);
        if (colors?.Gamma is { } gamma) Put("gAMA", Bytes((uint)Math.Round(gamma * 1e5)));
        if (colors?.Chromaticities is { } points) Put("cHRM", [.. points.SelectMany(v => Bytes((uint)Math.Round(v * 1e5)))]);
        if (colors?.SignificantBits is { } bits) Put("sBIT", Significant(bits, info));
        if (metadata.Resolution is { } resolution) Put("pHYs", [.. Bytes((uint)Math.Round(resolution.X)), .. Bytes((uint)Math.Round(resolution.Y)), MetreUnit]);
        if (metadata.Exif is { } exif) Put("eXIf", Exif.Fitted(exif, info.Width, info.Height));
        if (metadata.Xmp is { } xmp) Put("iTXt", [.. Encoding.Latin1.GetBytes(Xmp), 0, 0, 0, 0, 0, .. XmpPacket.Fitted(xmp, info.Width, info.Height)]);
        if (metadata.Photoshop is { } resources) PutText(new TextNote(Profile + "iptc", Hex(resources)), Put);
        foreach (var text in metadata.Texts) PutText(text, Put);
        head.Write(encoded[rest..]);
        return head.ToArray();

        void Put(string type, byte[] data)
        {
            byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
            head.Write([.. Bytes((uint)data.Length), .. named, .. Bytes(Crc32.HashToUInt32(named))]);
        }
    }

    private static void PutText(TextNote note, Action<string, byte[]> put)
    {
        const int LongText = 1024;
        byte[] keyword = [.. Encoding.Latin1.GetBytes(note.Keyword), 0];
        var isPlain = note.Language.Length + note.Translated.Length == 0 && note.Text.All(c => c is '\n' or (>= ' ' and <= '~') or (>= '\u00A0' and <= '\u00FF'));
        if (!isPlain)
            put("iTXt", [.. keyword, 0, 0, .. Encoding.Latin1.GetBytes(note.Language), 0, .. Encoding.UTF8.GetBytes(note.Translated), 0, .. Encoding.UTF8.GetBytes(note.Text)]);
        else if (note.Text.Length > LongText) put("zTXt", [.. keyword, 0, .. Deflate(Encoding.Latin1.GetBytes(note.Text))]);
        else put("tEXt", [.. keyword, .. Encoding.Latin1.GetBytes(note.Text)]);
    }

    private static TextNote? Text(string type, byte[] data, ref long room)
    {
        var end = Array.IndexOf(data, (byte)0);
        if (end is < 1 or > 79) return null;
        var keyword = Encoding.Latin1.GetString(data, 0, end);
        var rest = data.AsSpan(end + 1);
        if (type == "tEXt") return new TextNote(keyword, Encoding.Latin1.GetString(rest));
        if (type == "zTXt") return rest is [0, .. var packed] && Inflate(packed, ref room) is { } text ? new TextNote(keyword, Encoding.Latin1.GetString(text)) : null;
        if (rest is not [var isPacked, 0, ..]) return null;
        rest = rest[2..];
        var language = rest.IndexOf((byte)0);
        var translated = language < 0 ? -1 : rest[(language + 1)..].IndexOf((byte)0);
        if (translated < 0) return null;
        var body = rest[(language + translated + 2)..];
        if ((isPacked == 0 ? body.ToArray() : Inflate(body, ref room)) is not { } unpacked) return null;
        return new TextNote(keyword, Encoding.UTF8.GetString(unpacked), Encoding.Latin1.GetString(rest[..language]), Encoding.UTF8.GetString(rest.Slice(language + 1, translated)));
    }

    /// <summary>As many values as the picture has channels: a palette says none for alpha, and all bits of it mean something.</summary>
    private static byte[] Significant(byte[] bits, ImageInfo info)
    {
        var channels = Enumerable.Range(0, info.Channels).Select(c => c < bits.Length && !(info.HasAlpha && c == info.Channels - 1 && bits.Length < info.Channels) ? bits[c] : info.BitDepth);
        return [.. channels.Select(b => (byte)Math.Clamp(b, 1, info.BitDepth))];
    }

    /// <summary>ImageMagick's way to have in a text what PNG has no chunk for: name, length and hexadecimal digits.</summary>
    private static string Hex(byte[] data) =>
        $"\niptc\n{data.Length,8}\n{string.Join('\n', Convert.ToHexStringLower(data).Chunk(72).Select(line => new string(line)))}\n";

    private static byte[]? HexProfile(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 3) return null;
        var digits = string.Concat(lines.Skip(2)).Trim();
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> data, int least)
    {
        var end = data.IndexOf((byte)0);
        return end >= least ? data[(end + 1)..] : [];
    }

    /// <summary>Null for what is broken or has no room. It is unpacked twice, the first time to learn its length, so that a bomb takes no memory.</summary>
    private static byte[]? Inflate(ReadOnlySpan<byte> packed, ref long room)
    {
        var stored = packed.ToArray();
        var block = new byte[1 << 16];
        var length = 0;
        try
        {
            using (var zlib = new ZLibStream(new MemoryStream(stored), CompressionMode.Decompress))
            {
                for (int count; (count = zlib.Read(block)) > 0; length += count)
                    if ((room -= count) < 0) return null;
            }
            var unpacked = new byte[length];
            using var again = new ZLibStream(new MemoryStream(stored), CompressionMode.Decompress);
            again.ReadExactly(unpacked);
            return unpacked;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static byte[] Deflate(byte[] data)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(data);
        return packed.ToArray();
    }

    private static uint UInt32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32BigEndian(data[at..]);

    private static byte[] Bytes(uint value) => IccProfile.Int32((int)value);
}

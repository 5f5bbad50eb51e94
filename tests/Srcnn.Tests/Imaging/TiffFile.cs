using System.Buffers.Binary;

namespace Srcnn.Tests.Imaging;

/// <summary>A page of a TIFF file made for a test.</summary>
/// <param name="Samples">[height, width, channels], each as it is stored.</param>
/// <param name="Bits">8 or 16, or 32 for floats; fewer are packed from the left.</param>
/// <param name="Planar">Whether each channel has a strip of its own.</param>
/// <param name="Tags">Beside size and layout: tag, type (3 short, 4 long, 5 ratio, 2 text, 7 bytes) and values, ratios as pairs.</param>
internal sealed record TiffPage(
    int Width, int Height, int Channels, int Photometric, double[] Samples, int Bits = 8, bool Planar = false, byte[]? Stored = null,
    params (ushort Tag, ushort Type, uint[] Values)[] Tags);

/// <summary>Writes uncompressed little-endian TIFF files by hand.</summary>
internal static class TiffFile
{
    public static byte[] Of(params TiffPage[] pages)
    {
        List<byte> file = [(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0];
        var link = 4;
        foreach (var page in pages)
        {
            List<byte[]> strips = page.Stored is { } stored ? [stored]
                : page.Planar ? [.. Enumerable.Range(0, page.Channels).Select(c => Pack(page, [.. page.Samples.Where((_, i) => i % page.Channels == c)], 1))]
                : [Pack(page, page.Samples, page.Channels)];
            List<uint> places = [.. strips.Select(Put)];
            List<(ushort Tag, ushort Type, uint[] Values)> tags =
            [
                (256, 4, [(uint)page.Width]), (257, 4, [(uint)page.Height]), (258, 3, [.. Enumerable.Repeat((uint)page.Bits, page.Channels)]), (259, 3, [1]),
                (262, 3, [(uint)page.Photometric]), (273, 4, [.. places]), (277, 3, [(uint)page.Channels]), (278, 4, [(uint)page.Height]),
                (279, 4, [.. strips.Select(s => (uint)s.Length)]), (284, 3, [page.Planar ? 2u : 1]), .. page.Tags,
            ];
            if (page.Bits == 32) tags.Add((339, 3, [.. Enumerable.Repeat(3u, page.Channels)]));
            List<byte> entries = [.. Number((uint)tags.Count, 2)];
            foreach (var (tag, type, values) in tags.OrderBy(t => t.Tag))
            {
                var bytes = values.SelectMany(v => Number(v, type switch { 2 or 7 => 1, 3 => 2, _ => 4 })).ToArray();
                entries.AddRange([.. Number(tag, 2), .. Number(type, 2), .. Number((uint)(type == 5 ? values.Length / 2 : values.Length), 4)]);
                entries.AddRange(bytes.Length <= 4 ? [.. bytes, .. new byte[4 - bytes.Length]] : Number(Put(bytes), 4));
            }
            var directory = Put([.. entries, 0, 0, 0, 0]);
            for (var i = 0; i < 4; i++) file[link + i] = Number(directory, 4)[i];
            link = (int)directory + entries.Count;
        }
        return [.. file];

        uint Put(byte[] bytes)
        {
            if (file.Count % 2 == 1) file.Add(0);
            var at = file.Count;
            file.AddRange(bytes);
            return (uint)at;
        }
    }

    private static byte[] Number(uint value, int bytes)
    {
        var all = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(all, value);
        return all[..bytes];
    }

    private static byte[] Pack(TiffPage page, double[] samples, int channels) => page.Bits switch
    {
        32 => [.. samples.SelectMany(s => BitConverter.GetBytes((float)s))],
        >= 8 => [.. samples.SelectMany(s => Number((uint)(int)s, page.Bits / 8))],
        _ => [.. samples.Chunk(page.Width * channels).SelectMany(row => Bits(row, page.Bits))],
    };

    private static byte[] Bits(double[] row, int bits)
    {
        var bytes = new byte[((row.Length * bits) + 7) / 8];
        for (var i = 0; i < row.Length; i++) bytes[i * bits / 8] |= (byte)((int)row[i] << (8 - bits - (i * bits % 8)));
        return bytes;
    }
}

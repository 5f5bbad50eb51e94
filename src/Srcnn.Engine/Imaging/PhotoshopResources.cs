using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>Photoshop's image resources: blocks "8BIM", a number, a name and data, each padded to an even length. One of them is IPTC.</summary>
internal static class PhotoshopResources
{
    private const int IptcNumber = 0x0404, HeadLength = 12;

    /// <summary>IPTC's records, null where there are none.</summary>
    public static byte[]? Iptc(byte[] resources) => Blocks(resources).FirstOrDefault(block => block.Number == IptcNumber).Data;

    /// <summary>Whether there is more than IPTC.</summary>
    public static bool HasMore(byte[] resources) => Blocks(resources).Any(block => block.Number != IptcNumber);

    /// <summary>Resources of IPTC alone.</summary>
    public static byte[] OfIptc(byte[] records)
    {
        var length = IccProfile.Int32(records.Length);
        return [.. "8BIM"u8, IptcNumber >> 8, IptcNumber & 0xFF, 0, 0, .. length, .. records, .. new byte[records.Length & 1]];
    }

    private static IEnumerable<(int Number, byte[] Data)> Blocks(byte[] resources)
    {
        for (var at = 0; at <= resources.Length - HeadLength && resources.AsSpan(at).StartsWith("8BIM"u8);)
        {
            var number = BinaryPrimitives.ReadUInt16BigEndian(resources.AsSpan(at + 4));
            var lengthAt = at + 6 + ((resources[at + 6] + 2) & ~1);
            if (lengthAt > resources.Length - 4) yield break;
            long length = BinaryPrimitives.ReadUInt32BigEndian(resources.AsSpan(lengthAt)), data = lengthAt + 4;
            if (data + length > resources.Length) yield break;
            yield return (number, resources[(int)data..(int)(data + length)]);
            at = (int)Math.Min(int.MaxValue, data + length + (length & 1));
        }
    }
}

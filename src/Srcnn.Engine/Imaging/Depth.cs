using System.Runtime.Intrinsics;

namespace Srcnn.Engine.Imaging;

/// <summary>Samples between 8 and 16 bit.</summary>
internal static class Depth
{
    /// <summary>sample·255/65535 rounded, for formats that hold 8 bit only; 8-bit samples stay.</summary>
    public static int To8(int sample, int bitDepth) => bitDepth == 8 ? sample : (sample + 128) / 257;

    /// <summary>The same for a row.</summary>
    public static void To8(ReadOnlySpan<ushort> samples, int bitDepth, Span<byte> bytes)
    {
        var s = 0;
        if (bitDepth == 8)
        {
            for (; s <= samples.Length - Vector128<byte>.Count; s += Vector128<byte>.Count)
                Vector128.Narrow(Vector128.Create(samples[s..]), Vector128.Create(samples[(s + Vector128<ushort>.Count)..])).CopyTo(bytes[s..]);
        }
        for (; s < samples.Length; s++) bytes[s] = (byte)To8(samples[s], bitDepth);
    }
}

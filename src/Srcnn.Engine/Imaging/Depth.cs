namespace Srcnn.Engine.Imaging;

/// <summary>Samples between 8 and 16 bit.</summary>
internal static class Depth
{
    /// <summary>sample·255/65535 rounded, for formats that hold 8 bit only; 8-bit samples stay.</summary>
    public static int To8(int sample, int bitDepth) => bitDepth == 8 ? sample : (sample + 128) / 257;
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Srcnn.Engine.Imaging;

/// <summary>The little of XMP we touch: what it says of size and orientation, whether as attribute or element.</summary>
internal static partial class XmpPacket
{
    /// <summary>The packet with this size and no rotation; everything else keeps its bytes.</summary>
    public static byte[] Fitted(byte[] packet, int width, int height)
    {
        // One character per byte, so that whatever encoding it has comes back.
        return Encoding.Latin1.GetBytes(SizeOrOrientation().Replace(Encoding.Latin1.GetString(packet), match => match.Groups["start"].Value + (match.Groups["name"].Value switch
        {
            "tiff:Orientation" => "1",
            "tiff:ImageWidth" or "exif:PixelXDimension" => width.ToString(CultureInfo.InvariantCulture),
            _ => height.ToString(CultureInfo.InvariantCulture),
        })));
    }

    [GeneratedRegex("""(?<start>\b(?<name>tiff:Orientation|tiff:ImageWidth|tiff:ImageLength|exif:PixelXDimension|exif:PixelYDimension)(=["']|>))[0-9]+""")]
    private static partial Regex SizeOrOrientation();
}

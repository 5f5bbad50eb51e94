using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Srcnn.Engine.Models;

/// <summary>A checksum that a safetensors file carries of itself: XXH128 as 32 digits in its metadata, over the whole file with zeros in their place.</summary>
internal static class SafetensorsChecksum
{
    public const string Key = "checksum";

    public const int Digits = 32;

    // Metadata is written sorted by key, and none of ours comes before this one.
    private static readonly int Place = sizeof(long) + Encoding.UTF8.GetByteCount($"{{\"{SafetensorsFile.MetadataKey}\":{{\"{Key}\":\"");

    /// <summary>Puts the checksum in its place, in a file that is written there from <paramref name="start"/> to the stream's end.</summary>
    public static void Seal(Stream stream, long start)
    {
        var digits = Of(stream, start);
        stream.Position = start + Place;
        stream.Write(Encoding.ASCII.GetBytes(digits));
        stream.Position = stream.Length;
    }

    /// <summary>Whether the file from <paramref name="start"/> to the end is the one that <paramref name="digits"/> were computed of. The position stays.</summary>
    public static bool Holds(Stream stream, long start, string digits)
    {
        var position = stream.Position;
        var holds = stream.Length - start >= Place + Digits && Of(stream, start) == digits;
        stream.Position = position;
        return holds;
    }

    private static string Of(Stream stream, long start)
    {
        var beginning = new byte[Place + Digits];
        stream.Position = start;
        stream.ReadExactly(beginning);
        beginning.AsSpan(Place).Fill((byte)'0');
        var hash = new XxHash128();
        hash.Append(beginning);
        hash.Append(stream);
        return hash.GetCurrentHashAsUInt128().ToString($"x{Digits}", CultureInfo.InvariantCulture);
    }
}

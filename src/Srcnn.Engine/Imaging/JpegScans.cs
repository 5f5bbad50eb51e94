namespace Srcnn.Engine.Imaging;

/// <summary>Walks through a JPEG file from marker to marker, to tell a file that lacks its end marker from one that lacks more.</summary>
internal sealed class JpegScans
{
    private const byte Start = 0xD8, EndOfImage = 0xD9, Scan = 0xDA, FirstRestart = 0xD0, Alone = 0x01;
    private const int Coefficients = 64, NotCoded = -1;

    private readonly Stream file;
    private readonly byte[] buffer = new byte[1 << 16];
    private int at, filled;

    // Of each component: for every coefficient, how many of its lowest bits are still to come.
    private readonly Dictionary<byte, int[]> missing = [];

    private JpegScans(Stream file)
    {
        this.file = file;
        file.Position = 0;
    }

    /// <summary>The place behind the end marker, null where there is none; and whether the scans code every coefficient to its last bit.</summary>
    public static (long? End, bool IsWhole) End(Stream file)
    {
        var scans = new JpegScans(file);
        var end = scans.FindEnd();
        return (end, scans.missing.Count > 0 && scans.missing.Values.All(bits => bits.All(b => b == 0)));
    }

    private long? FindEnd()
    {
        while (Marker() is { } marker)
        {
            if (marker == EndOfImage) return file.Position - filled + at;
            if (marker is 0 or Alone or Start or (>= FirstRestart and < Start)) continue;
            if (Next() is not { } high || Next() is not { } low) return null;
            var length = (high << 8 | low) - sizeof(ushort);
            if (length < 0) return null;
            if (marker is Scan or (>= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC))
            {
                var segment = new byte[length];
                for (var i = 0; i < length; i++)
                {
                    if (Next() is not { } b) return null;
                    segment[i] = b;
                }
                if (marker == Scan) TakeScan(segment);
                else TakeFrame(segment);
            }
            else if (!Skip(length)) return null;
        }
        return null;
    }

    private void TakeFrame(byte[] frame)
    {
        const int ComponentsAt = 6, ComponentBytes = 3;
        for (var c = ComponentsAt; c <= frame.Length - ComponentBytes; c += ComponentBytes)
        {
            var bits = new int[Coefficients];
            Array.Fill(bits, NotCoded);
            missing[frame[c]] = bits;
        }
    }

    private void TakeScan(byte[] scan)
    {
        if (scan is not [var count, ..] || scan.Length < 4 + (2 * count)) return;
        var (first, last, low) = (scan[1 + (2 * count)], Math.Min(scan[2 + (2 * count)], (byte)(Coefficients - 1)), scan[3 + (2 * count)] & 0xF);
        for (var c = 0; c < count; c++)
        {
            if (!missing.TryGetValue(scan[1 + (2 * c)], out var bits)) continue;
            for (var k = (int)first; k <= last; k++) bits[k] = low;
        }
    }

    /// <summary>The byte behind the next 0xFF; null at the end of the file.</summary>
    private byte? Marker()
    {
        while (at < filled || Fill())
        {
            var mark = buffer.AsSpan(at, filled - at).IndexOf((byte)0xFF);
            if (mark < 0)
            {
                at = filled;
                continue;
            }
            at += mark + 1;
            byte? marker;
            do marker = Next(); while (marker == 0xFF);
            return marker;
        }
        return null;
    }

    private byte? Next() => at < filled || Fill() ? buffer[at++] : null;

    private bool Skip(int length)
    {
        while (length > 0)
        {
            if (at == filled && !Fill()) return false;
            var step = Math.Min(length, filled - at);
            (at, length) = (at + step, length - step);
        }
        return true;
    }

    private bool Fill()
    {
        at = 0;
        filled = file.Read(buffer);
        return filled > 0;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Pbm;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tga;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// BMP, PNM and TGA, and PNG and JPEG where libvips does not load, through SixLabors.ImageSharp: whole pictures in memory. Only these
/// decoders are registered.
/// </summary>
internal sealed class ImageSharpCodec : IImageCodec
{
    /// <summary>Run lengths of TGA are the shortest way to store a picture: more pixels than this for each byte of the file are a lie.</summary>
    private const int MostPixelsPerByte = 64;

    private static readonly Configuration Decoders =
        new(new BmpConfigurationModule(), new PbmConfigurationModule(), new TgaConfigurationModule(), new PngConfigurationModule(), new JpegConfigurationModule());

    /// <inheritdoc/>
    public ImageInfo Probe(string path, ImageFormat format)
    {
        using var file = File.OpenRead(path);
        return Header(path, format, file);
    }

    /// <inheritdoc/>
    public IImageReader Open(string path, ImageFormat format, ReadingOptions options)
    {
        if (options.Page is not (null or 1)) throw new ImageException(path, $"page {options.Page} of 1", "--page 1");
        using var file = File.OpenRead(path);
        var info = Header(path, format, file);
        ImageFile.CheckPixels(path, info, options.MaxPixels);
        if (info.Pages > 1 && options.Page is null) throw ImageFile.Several(path, format, info.Pages);
        if (info.Pixels * info.Channels > Array.MaxLength)
            throw new ImageException(path, $"{info.Width}×{info.Height} pixels of {format.Name()}, which is held in memory", $"at most {Array.MaxLength} samples; convert it to PNG or TIFF");
        var end = FileEnd.Of(path, format);
        if (!end.IsThere && !end.IsWhole && !options.AcceptsDamage) throw new ImageException(path, "a broken picture (it ends early)", "a complete one");
        end.Check(path, format, options);
        var pnm = format == ImageFormat.Pnm ? PnmHeader.Of(file) : null;
        if (pnm is { IsBinary: true } && info.BitDepth == 16) return Words(path, file, info, options, pnm);
        return info.BitDepth == 16 ? Decode<Rgba64>(path, file, info, options, pnm?.Largest, p => (p.R, p.G, p.B, p.A)) : Decode<Rgba32>(path, file, info, options, pnm?.Largest, p => (p.R, p.G, p.B, p.A));
    }

    /// <inheritdoc/>
    public IImageWriter Create(string path, Stream stream, ImageInfo info, int? quality)
    {
        if (info.HasAlpha && info.Format is ImageFormat.Pnm or ImageFormat.Jpeg || info.Channels == 2 && info.Format is ImageFormat.Bmp or ImageFormat.Tga)
            throw new ImageException(path, $"a {(info.Channels == 2 ? "grey " : "")}picture with alpha for a {info.Format.Name()} file", "PNG, WebP or TIFF, which keep it");
        if (info.Pixels * info.Channels > Array.MaxLength / 2)
            throw new ImageException(path, $"{info.Width}×{info.Height} pixels for {info.Format.Name()}, which is held in memory", $"at most {Array.MaxLength / 2} samples; write PNG or TIFF");
        if (quality is < 1 or > 100) throw new ImageException(path, $"quality {quality}", "1 to 100");
        return new Writer(path, stream, info, quality);
    }

    private static ImageInfo Header(string path, ImageFormat format, Stream file)
    {
        var bmp = format == ImageFormat.Bmp ? BmpHeader.Read(path, file) : null;
        file.Position = 0;
        var found = Guarded(path, () => SixLabors.ImageSharp.Image.Identify(Decoders, file)) ?? throw new ImageException(path, $"no {format.Name()} header", "a complete file");
        if (found.Width < 1 || found.Height < 1) throw new ImageException(path, $"a {format.Name()} header that says {found.Width}×{found.Height} pixels", "at least 1×1");
        if (bmp is null && (long)found.Width * found.Height / MostPixelsPerByte > file.Length && format is ImageFormat.Pnm or ImageFormat.Tga)
            throw new ImageException(path, $"a {format.Name()} file of {file.Length} bytes for {found.Width}×{found.Height} pixels", "a complete one");
        var (metadata, pages) = bmp is null ? FileMetadata.Read(path, format) : (bmp.Metadata, 1);
        var (channels, depth) = format switch
        {
            ImageFormat.Bmp => (bmp!.Channels, 8),
            ImageFormat.Tga => (IsGreyTga(file) ? 1 : found.Metadata.GetTgaMetadata().AlphaChannelBits > 0 ? 4 : 3, 8),
            ImageFormat.Pnm => (found.Metadata.GetPbmMetadata().ColorType == PbmColorType.Rgb ? 3 : 1, found.Metadata.GetPbmMetadata().ComponentType == PbmComponentType.Short ? 16 : 8),
            ImageFormat.Png => OfPng(found.Metadata.GetPngMetadata()),
            _ => (found.Metadata.GetJpegMetadata().ColorType == JpegColorType.Luminance ? 1 : 3, 8),
        };
        var isTurned = found.Metadata.ExifProfile?.GetValue(SixLabors.ImageSharp.Metadata.Profiles.Exif.ExifTag.Orientation)?.Value >= 5;
        return new ImageInfo(format, isTurned ? found.Height : found.Width, isTurned ? found.Width : found.Height, channels, depth, metadata) { Pages = pages };

        static (int, int) OfPng(PngMetadata png) => (png.ColorType switch
        {
            PngColorType.Grayscale when !png.HasTransparency => 1,
            PngColorType.Grayscale or PngColorType.GrayscaleWithAlpha => 2,
            PngColorType.RgbWithAlpha or PngColorType.Palette => 4, // a palette may be transparent
            _ => png.HasTransparency ? 4 : 3,
        }, png.BitDepth == PngBitDepth.Bit16 ? 16 : 8);
    }

    private static bool IsGreyTga(Stream file)
    {
        const int Grey = 3, GreyRuns = 11;
        file.Position = 2;
        return file.ReadByte() is Grey or GreyRuns;
    }

    private static Reader Decode<TPixel>(string path, Stream file, ImageInfo info, ReadingOptions options, int? largest, Func<TPixel, (int R, int G, int B, int A)> split) where TPixel : unmanaged, IPixel<TPixel>
    {
        using var padded = new PaddedStream(file);
        using var picture = Guarded(path, () => SixLabors.ImageSharp.Image.Load<TPixel>(Decoders, padded));
        // The decoder takes what a cut file has and leaves the rest black.
        if (padded.Position > file.Length) EndsEarly(path, options);
        if (info.Format is ImageFormat.Jpeg or ImageFormat.Png) picture.Mutate(p => p.AutoOrient());
        var max = (1 << info.BitDepth) - 1;
        var samples = new ushort[info.Pixels * info.Channels];
        picture.ProcessPixelRows(rows =>
        {
            for (int y = 0, s = 0; y < info.Height; y++)
            {
                foreach (var pixel in rows.GetRowSpan(y))
                {
                    var (r, g, b, a) = split(pixel);
                    samples[s++] = Scaled(r);
                    if (info.Channels >= 3) (samples[s++], samples[s++]) = (Scaled(g), Scaled(b));
                    if (info.HasAlpha) samples[s++] = (ushort)a;
                }
            }
        });
        return new Reader(info, samples);

        // ImageSharp multiplies the samples of PNM by the whole part of what they are to be multiplied with.
        ushort Scaled(int value) => largest is { } least ? Rescaled(value / Math.Max(1, max / least), least, max) : (ushort)value;
    }

    private static ushort Rescaled(int value, int largest, int max) => (ushort)Math.Min(max, ((value * (long)max) + (largest / 2)) / largest);

    /// <summary>16-bit PNM of bytes, high byte first: ImageSharp 2.1 takes it for the other way round, and clips what it then multiplies.</summary>
    private static Reader Words(string path, Stream file, ImageInfo info, ReadingOptions options, PnmHeader header)
    {
        var samples = new ushort[info.Pixels * info.Channels];
        file.Position = header.Length;
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(samples.AsSpan());
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) EndsEarly(path, options);
        foreach (ref var sample in samples.AsSpan()) sample = Rescaled(BinaryPrimitives.ReverseEndianness(sample), header.Largest, ushort.MaxValue);
        return new Reader(info, samples);
    }

    private static void EndsEarly(string path, ReadingOptions options)
    {
        if (!options.AcceptsDamage) throw new ImageException(path, "a broken picture (it ends early)", "a complete one; 'upscale --damaged accept' takes what can be decoded");
        options.Warn?.Invoke($"{path}: damaged (it ends early); what could be decoded is taken");
    }

    /// <summary>The header of a PGM or PPM.</summary>
    /// <param name="Largest">What stands for the largest value.</param>
    /// <param name="Length">Bytes before the samples.</param>
    private sealed record PnmHeader(bool IsBinary, int Largest, int Length)
    {
        private const int Most = 4096;

        /// <summary>Null for a PBM, which has no largest sample, and for what is none.</summary>
        public static PnmHeader? Of(Stream file)
        {
            var bytes = new byte[Most];
            file.Position = 0;
            var text = Encoding.Latin1.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            if (text[1] is '1' or '4') return null;
            var at = 2;
            string word = "";
            for (var words = 0; words < 3; words++)
            {
                while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == '#'))
                    at = text[at] == '#' ? text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length : at + 1;
                var from = at;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
                word = text[from..at];
            }
            return int.TryParse(word, CultureInfo.InvariantCulture, out var largest) && largest is > 0 and <= ushort.MaxValue
                ? new PnmHeader(text[1] is '5' or '6', largest, at + 1) : null; // one space, or a line's end
        }
    }

    /// <summary>Whatever a decoder throws at a broken file, it is the file that is broken: it is no more careful than to throw what it meets.</summary>
    private static T Guarded<T>(string path, Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (Exception e) when (e is not (IOException or UnauthorizedAccessException or OutOfMemoryException) || e is EndOfStreamException)
        {
            throw new ImageException(path, $"a broken picture ({e.Message.Trim().ReplaceLineEndings("; ")})", "a complete one", e);
        }
    }

    private sealed class Reader(ImageInfo info, ushort[] samples) : IImageReader
    {
        private int next;

        public ImageInfo Info => info;

        public int ReadRows(Span<ushort> rows)
        {
            var rowLength = info.Width * info.Channels;
            var count = Math.Min(rows.Length / rowLength, info.Height - next);
            samples.AsSpan(next * rowLength, count * rowLength).CopyTo(rows);
            next += count;
            return count;
        }

        public void Dispose() { }
    }

    private sealed class Writer(string path, Stream stream, ImageInfo info, int? quality) : IImageWriter
    {
        private const int DefaultJpegQuality = 95;

        // ImageSharp writes 16-bit PNM in the wrong order of bytes, as it reads it.
        private readonly bool isSwapped = info is { Format: ImageFormat.Pnm, BitDepth: 16 };
        private readonly int depth = info.Format is ImageFormat.Png or ImageFormat.Pnm ? info.BitDepth : 8;
        private readonly ushort[] samples = new ushort[info.Pixels * info.Channels];
        private int filled;

        public void WriteRows(ReadOnlySpan<ushort> rows)
        {
            if (isSwapped) BinaryPrimitives.ReverseEndianness(rows, samples.AsSpan(filled));
            else if (depth == info.BitDepth) rows.CopyTo(samples.AsSpan(filled));
            else for (var i = 0; i < rows.Length; i++) samples[filled + i] = (ushort)Depth.To8(rows[i], info.BitDepth);
            filled += rows.Length;
        }

        public void Complete()
        {
            if (filled != samples.Length) throw new InvalidOperationException($"{path}: {filled} of {samples.Length} samples were written");
            using var encoded = new MemoryStream();
            switch (info.Channels, depth)
            {
                case (1, 8): Encode(s => new L8((byte)samples[s])); break;
                case (1, _): Encode(s => new L16(samples[s])); break;
                case (2, 8): Encode(s => new La16((byte)samples[s], (byte)samples[s + 1])); break;
                case (2, _): Encode(s => new La32(samples[s], samples[s + 1])); break;
                case (3, 8): Encode(s => new Rgb24((byte)samples[s], (byte)samples[s + 1], (byte)samples[s + 2])); break;
                case (3, _): Encode(s => new Rgb48(samples[s], samples[s + 1], samples[s + 2])); break;
                case (_, 8): Encode(s => new Rgba32((byte)samples[s], (byte)samples[s + 1], (byte)samples[s + 2], (byte)samples[s + 3])); break;
                default: Encode(s => new Rgba64(samples[s], samples[s + 1], samples[s + 2], samples[s + 3])); break;
            }
            var bytes = encoded.GetBuffer().AsSpan(0, (int)encoded.Length);
            stream.Write(info.Format switch
            {
                ImageFormat.Bmp => BmpHeader.Finished(bytes, info),
                ImageFormat.Png => PngChunks.Head(bytes, info),
                ImageFormat.Jpeg => JpegSegments.Head(bytes, info),
                _ => bytes,
            });
            stream.Flush();

            void Encode<TPixel>(Func<int, TPixel> pixel) where TPixel : unmanaged, IPixel<TPixel>
            {
                using var picture = new SixLabors.ImageSharp.Image<TPixel>(info.Width, info.Height);
                picture.ProcessPixelRows(rows =>
                {
                    for (int y = 0, s = 0; y < info.Height; y++)
                        foreach (ref var p in rows.GetRowSpan(y))
                            (p, s) = (pixel(s), s + info.Channels);
                });
                picture.Save(encoded, Encoder());
            }
        }

        public void Dispose() { }

        private IImageEncoder Encoder() => info.Format switch
        {
            ImageFormat.Bmp => new BmpEncoder { BitsPerPixel = (BmpBitsPerPixel)(8 * info.Channels), SupportTransparency = info.HasAlpha },
            ImageFormat.Tga => new TgaEncoder { BitsPerPixel = (TgaBitsPerPixel)(8 * info.Channels), Compression = TgaCompression.RunLength },
            ImageFormat.Pnm => new PbmEncoder
            {
                Encoding = PbmEncoding.Binary,
                ColorType = info.Channels == 1 ? PbmColorType.Grayscale : PbmColorType.Rgb,
                ComponentType = depth == 16 ? PbmComponentType.Short : PbmComponentType.Byte,
            },
            ImageFormat.Png => new PngEncoder
            {
                IgnoreMetadata = true,
                BitDepth = depth == 16 ? PngBitDepth.Bit16 : PngBitDepth.Bit8,
                ColorType = info.Channels switch { 1 => PngColorType.Grayscale, 2 => PngColorType.GrayscaleWithAlpha, 3 => PngColorType.Rgb, _ => PngColorType.RgbWithAlpha },
            },
            _ => new JpegEncoder { Quality = quality ?? DefaultJpegQuality, ColorType = info.Channels == 1 ? JpegColorType.Luminance : JpegColorType.YCbCrRatio444 },
        };
    }

    /// <summary>A file with zeros behind it: how far a decoder went tells whether it found all it wanted.</summary>
    private sealed class PaddedStream(Stream file) : Stream
    {
        private const int Padding = 1 << 20;

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => file.Length + Padding;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Clamp(Length - Position, 0, buffer.Length);
            buffer[..count].Clear();
            if (Position < file.Length)
            {
                file.Position = Position;
                count = file.Read(buffer[..(int)Math.Min(count, file.Length - Position)]);
            }
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => Position, _ => Length };

        public override void Flush() { }
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

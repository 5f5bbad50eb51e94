using System.Buffers;
using System.Runtime.InteropServices;
using NetVips;

namespace Srcnn.Engine.Imaging;

/// <summary>Encodes rows through libvips as they come: this thread feeds a stored TIFF, a second one runs the encoder over it.</summary>
internal sealed class NetVipsWriter : IImageWriter
{
    private const int DefaultJpegQuality = 95;

    /// <summary>Handed to the encoder at a time.</summary>
    private const int BlockBytes = 1 << 20;

    /// <summary>Of a file's start, which has all that an encoder writes before the pixels.</summary>
    private const int HeadBytes = 256;

    private readonly string path;
    private readonly Stream stream;
    private readonly ImageInfo info;
    private readonly int? quality;
    private readonly int bitDepth;
    private readonly RowPipe pipe = new();
    private readonly Thread encoder;
    private List<byte>? head;
    private Exception? failure;
    private bool joined;

    public NetVipsWriter(string path, Stream stream, ImageInfo info, int? quality)
    {
        (this.path, this.stream, this.info, this.quality) = (path, stream, info, quality);
        bitDepth = info.Format is ImageFormat.Png or ImageFormat.Tiff ? info.BitDepth : 8;
        head = info.Format is ImageFormat.Png or ImageFormat.Jpeg ? [] : null;
        encoder = new Thread(Encode) { IsBackground = true, Name = "image encoder" };
        encoder.Start();
    }

    public void WriteRows(ReadOnlySpan<ushort> rows)
    {
        if (!encoder.IsAlive) Join(abort: true);
        for (int count, sampleBytes = bitDepth / 8; rows.Length > 0; rows = rows[count..])
        {
            count = Math.Min(rows.Length, BlockBytes / sampleBytes);
            var block = ArrayPool<byte>.Shared.Rent(count * sampleBytes);
            if (sampleBytes == 2) MemoryMarshal.AsBytes(rows[..count]).CopyTo(block);
            else Depth.To8(rows[..count], info.BitDepth, block);
            pipe.Write(block, count * sampleBytes);
        }
    }

    public void Complete() => Join(abort: false);

    public void Dispose()
    {
        if (joined) return;
        pipe.EndOfWriting(abort: true);
        encoder.Join();
    }

    private void Join(bool abort)
    {
        pipe.EndOfWriting(abort);
        encoder.Join();
        joined = true;
        switch (failure)
        {
            case null: break;
            case VipsException e:
                throw new ImageException(path, $"an encoder that failed ({e.Message.Trim().ReplaceLineEndings("; ")})",
                    $"{info.Height} rows of {info.Width} pixels for {info.Format.Name()}", e);
            case IOException e: throw new IOException($"{path}: {e.Message}", e);
            default: throw new InvalidOperationException($"{path}: the encoder failed", failure);
        }
    }

    private void Encode()
    {
        IOException? ioFailure = null;
        try
        {
            using var source = new SourceCustom();
            var tiff = new StoredTiff(pipe, info, bitDepth);
            source.OnRead += (buffer, length) => tiff.Read(buffer.AsSpan(0, length));
            source.OnSeek += tiff.Seek;
            using var target = new TargetCustom();
            target.OnWrite += (buffer, length) => Try(() => { Put(buffer.AsSpan(0, length)); return length; });
            target.OnRead += (buffer, length) => (int)Try(() => stream.Read(buffer, 0, length));
            target.OnSeek += (offset, origin) => Try(() => stream.Seek(offset, origin));
            target.OnEnd += () => 0;
            using var rows = NetVips.Image.TiffloadSource(source, access: Enums.Access.Sequential, failOn: Enums.FailOn.Warning);
            Save(rows, target);
            PutHead();
            if (info.Format == ImageFormat.Tiff) TiffMetadata.Finish(stream, info);
            if (info.Format == ImageFormat.WebP) WebPChunks.Finish(stream, info);
        }
        catch (Exception e) // rethrown by the thread that joins this one
        {
            failure = ioFailure ?? e;
        }
        finally
        {
            pipe.EndOfReading();
        }

        // No exception may cross libvips' frames.
        long Try(Func<long> operation)
        {
            try
            {
                return operation();
            }
            catch (IOException e)
            {
                ioFailure ??= e;
                return -1;
            }
        }
    }

    /// <summary>libvips encodes pixels alone, since it says what nobody said and leaves out what it does not know.</summary>
    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (head is null)
        {
            stream.Write(bytes);
            return;
        }
        head.AddRange(bytes);
        if (head.Count >= HeadBytes) PutHead();
    }

    private void PutHead()
    {
        if (head is not { } start) return;
        head = null;
        stream.Write(info.Format == ImageFormat.Png ? PngChunks.Head(start.ToArray(), info) : JpegSegments.Head(start.ToArray(), info));
    }

    private void Save(NetVips.Image image, Target target)
    {
        switch (info.Format)
        {
            case ImageFormat.Png:
                image.PngsaveTarget(target, keep: Enums.ForeignKeep.None);
                break;
            case ImageFormat.Jpeg:
                image.JpegsaveTarget(target, q: quality ?? DefaultJpegQuality, keep: Enums.ForeignKeep.None); // optimised coding would hold the whole picture
                break;
            case ImageFormat.WebP when quality is { } q:
                image.WebpsaveTarget(target, q: q, keep: Enums.ForeignKeep.None);
                break;
            case ImageFormat.WebP:
                image.WebpsaveTarget(target, lossless: true, exact: true, keep: Enums.ForeignKeep.None);
                break;
            default:
                image.TiffsaveTarget(target, Enums.ForeignTiffCompression.Deflate, predictor: Enums.ForeignTiffPredictor.Horizontal,
                    keep: Enums.ForeignKeep.None, bigtiff: info.NeedsBigTiff);
                break;
        }
    }
}

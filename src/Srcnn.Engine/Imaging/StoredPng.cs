using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Srcnn.Engine.Imaging;

/// <summary>A PNG stream without compression: how rows reach libvips one by one, whose own raw loader wants a whole file.</summary>
internal sealed class StoredPng : IDisposable
{
    private readonly Action<ReadOnlySpan<byte>> sink;
    private readonly ZLibStream deflate;
    private readonly byte[] line;
    private readonly int sampleBytes, sourceDepth;

    /// <param name="sink">Takes the bytes of the stream in order.</param>
    /// <param name="info">Size and channels, and the depth of the rows that will come.</param>
    /// <param name="bitDepth">Depth of the stream, 8 or 16; rows of 16 bit are rounded to 8.</param>
    public StoredPng(Action<ReadOnlySpan<byte>> sink, ImageInfo info, int bitDepth)
    {
        this.sink = sink;
        (sampleBytes, sourceDepth) = (bitDepth / 8, info.BitDepth);
        line = new byte[1 + (long)info.Width * info.Channels * sampleBytes]; // the filter type 0, then the samples
        sink([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, info.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], info.Height);
        header[8] = (byte)bitDepth;
        header[9] = info.Channels switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 };
        header[10..].Clear(); // deflate, adaptive filters, not interlaced
        Chunk("IHDR"u8, header);
        deflate = new ZLibStream(new Data(this), CompressionLevel.NoCompression);
    }

    public void WriteRows(ReadOnlySpan<ushort> rows)
    {
        var rowLength = (line.Length - 1) / sampleBytes;
        for (; rows.Length > 0; rows = rows[rowLength..])
        {
            var row = rows[..rowLength];
            var bytes = line.AsSpan(1);
            if (sampleBytes == 2) BinaryPrimitives.ReverseEndianness(row, MemoryMarshal.Cast<byte, ushort>(bytes));
            else Depth.To8(row, sourceDepth, bytes);
            deflate.Write(line);
        }
    }

    public void Complete()
    {
        deflate.Dispose();
        Chunk("IEND"u8, []);
    }

    public void Dispose() => deflate.Dispose();

    private void Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var rented = ArrayPool<byte>.Shared.Rent(12 + data.Length);
        var chunk = rented.AsSpan(0, 12 + data.Length);
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk[4..]);
        data.CopyTo(chunk[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[(8 + data.Length)..], Crc32.HashToUInt32(chunk.Slice(4, 4 + data.Length)));
        sink(chunk);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Frames what the compressor puts out as IDAT chunks.</summary>
    private sealed class Data(StoredPng png) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Write(ReadOnlySpan<byte> buffer) => png.Chunk("IDAT"u8, buffer);
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

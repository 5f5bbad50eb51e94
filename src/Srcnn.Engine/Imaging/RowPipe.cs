using System.Buffers;

namespace Srcnn.Engine.Imaging;

/// <summary>Bytes from the thread that has rows to the thread that encodes them, a bounded number of blocks ahead.</summary>
internal sealed class RowPipe
{
    private const int Blocks = 4;

    private readonly Queue<(byte[] Bytes, int Length)> blocks = new();
    private (byte[] Bytes, int Length) current = ([], 0);
    private int position;
    private bool complete, aborted, readerGone;

    /// <summary>Hands over a block from the shared pool, once there is room for it; it is lost when either end has been closed.</summary>
    public void Write(byte[] block, int length)
    {
        lock (blocks)
        {
            while (blocks.Count == Blocks && !readerGone && !complete) Monitor.Wait(blocks);
            if (!readerGone && !complete)
            {
                blocks.Enqueue((block, length));
                Monitor.PulseAll(blocks);
                return;
            }
        }
        ArrayPool<byte>.Shared.Return(block);
    }

    /// <summary>No more will be written; an aborted stream ends in an error for its reader.</summary>
    public void EndOfWriting(bool abort)
    {
        lock (blocks)
        {
            complete = true;
            aborted |= abort;
            Monitor.PulseAll(blocks);
        }
    }

    /// <summary>Waits for bytes: how many there were, 0 at the end, −1 after an abort.</summary>
    public int Read(Span<byte> bytes)
    {
        if (position == current.Length)
        {
            if (current.Length > 0) ArrayPool<byte>.Shared.Return(current.Bytes);
            (current, position) = (default, 0);
            lock (blocks)
            {
                while (blocks.Count == 0 && !complete) Monitor.Wait(blocks);
                if (aborted) return -1;
                if (blocks.Count == 0) return 0;
                current = blocks.Dequeue();
                Monitor.PulseAll(blocks);
            }
        }
        var count = Math.Min(bytes.Length, current.Length - position);
        current.Bytes.AsSpan(position, count).CopyTo(bytes);
        position += count;
        return count;
    }

    /// <summary>Nobody will read any more: writers must not wait.</summary>
    public void EndOfReading()
    {
        lock (blocks)
        {
            readerGone = true;
            Monitor.PulseAll(blocks);
        }
    }
}

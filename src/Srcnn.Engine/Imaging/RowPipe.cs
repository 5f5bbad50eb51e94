using System.Buffers;
using System.Collections.Concurrent;

namespace Srcnn.Engine.Imaging;

/// <summary>Bytes from the thread that has rows to the thread that encodes them, a bounded number of blocks ahead.</summary>
internal sealed class RowPipe : IDisposable
{
    private const int Blocks = 64;

    private readonly BlockingCollection<(byte[] Bytes, int Length)> blocks = new(Blocks);
    private readonly CancellationTokenSource readerGone = new();
    private (byte[] Bytes, int Length) current = ([], 0);
    private int position;
    private volatile bool aborted;

    /// <summary>Waits until there is room; does nothing once either end has been closed.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (blocks.IsAddingCompleted) return;
        var block = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(block);
        try
        {
            blocks.Add((block, bytes.Length), readerGone.Token);
        }
        catch (OperationCanceledException)
        {
            // The encoder has failed and says why where its thread is joined.
        }
    }

    /// <summary>No more will be written; an aborted stream ends in an error for its reader.</summary>
    public void EndOfWriting(bool abort)
    {
        aborted |= abort;
        blocks.CompleteAdding();
    }

    /// <summary>Waits for bytes: how many there were, 0 at the end, −1 after an abort.</summary>
    public int Read(Span<byte> bytes)
    {
        if (position == current.Length)
        {
            if (current.Length > 0) ArrayPool<byte>.Shared.Return(current.Bytes);
            current = default;
            position = 0;
            if (!blocks.TryTake(out var block, Timeout.Infinite)) return aborted ? -1 : 0;
            (current, position) = (block, 0);
        }
        if (aborted) return -1;
        var count = Math.Min(bytes.Length, current.Length - position);
        current.Bytes.AsSpan(position, count).CopyTo(bytes);
        position += count;
        return count;
    }

    /// <summary>Nobody will read any more: writers must not wait.</summary>
    public void EndOfReading() => readerGone.Cancel();

    public void Dispose()
    {
        blocks.Dispose();
        readerGone.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace Srcnn.Kernels;

/// <summary>Native memory that grows and is never shrunk, aligned to a cache line; each worker thread reuses its own for the padded copies and packed weights an op needs.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    /// <summary>Readable bytes behind the last element, so that kernels may load a whole vector at the tail.</summary>
    private const int Slack = 64;

    private float* pointer;
    private nuint capacity;

    ~Scratch() => NativeMemory.AlignedFree(pointer); // a worker thread that ends cannot dispose its scratch

    /// <summary>
    /// Room for <paramref name="count"/> elements, whose content is whatever was there. The slack behind them is zero: a NaN left there
    /// by an earlier, larger use would survive being multiplied by the zero weights of a vector's tail.
    /// </summary>
    public float* Rent(long count)
    {
        var bytes = ((nuint)count * sizeof(float)) + Slack;
        if (bytes > capacity)
        {
            Free();
            pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
            NativeMemory.Clear(pointer, bytes);
            capacity = bytes;
        }
        NativeMemory.Clear(pointer + count, Slack);
        return pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null; // before anything can throw: freed once
        capacity = 0;
    }
}

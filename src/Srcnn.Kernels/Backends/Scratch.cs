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

    /// <summary>Room for <paramref name="count"/> elements; the content is whatever was there.</summary>
    public float* Rent(long count)
    {
        var bytes = ((nuint)count * sizeof(float)) + Slack;
        if (bytes <= capacity) return pointer;
        NativeMemory.AlignedFree(pointer);
        pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(pointer, bytes);
        capacity = bytes;
        return pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null;
        capacity = 0;
        GC.SuppressFinalize(this);
    }
}

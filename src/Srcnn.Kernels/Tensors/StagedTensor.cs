namespace Srcnn.Kernels;

/// <summary>A tensor and memory beside it that the program fills. A device's is page-locked, so that it can be sent while the device computes; on host both are one.</summary>
public abstract class StagedTensor : IDisposable
{
    /// <summary>Where the values are sent. Owned.</summary>
    public abstract Tensor Tensor { get; }

    /// <summary>To be filled and sent; to be filled again only when the stream it came from has been waited for.</summary>
    public abstract Span<float> Values { get; }

    /// <summary>Sends the first <paramref name="count"/> values in the order of the stream it came from, and does not wait.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public abstract void Send(int count);

    /// <inheritdoc/>
    public abstract void Dispose();
}

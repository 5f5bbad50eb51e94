using ILGPU;
using ILGPU.Runtime;

namespace Srcnn.Kernels;

/// <summary>What is launched: a struct that is copied to the device; its fields are the arguments.</summary>
internal interface ILaunch
{
    /// <summary>Floating-point operations of a launch, a multiply–add counted as two; 0 where memory is what counts.</summary>
    double Flops => 0;
}

/// <summary>Work for one thread.</summary>
internal interface IKernel : ILaunch
{
    void Execute(Index1D index);
}

/// <summary>Work for one thread of a group; may use shared memory and barriers.</summary>
internal interface IGroupKernel : ILaunch
{
    void Execute();
}

/// <summary>
/// Work for one element of a table whose rows lie side by side in memory. A thread of a GPU takes one element; a core takes a row, for
/// it divides slowly and runs through neighbours fast.
/// </summary>
internal interface IRowKernel
{
    void Execute(int row, int column);
}

/// <summary>
/// Runs ops through ILGPU on a CUDA, OpenCL or CPU accelerator, in order on one stream. <see cref="OpenStream"/> opens others; tensors may be
/// used on all of them. The first one owns the device.
/// </summary>
public sealed partial class IlgpuBackend : IBackend
{
    /// <summary>
    /// Threads per group of <see cref="For"/>. Small enough that a convolution with a few hundred items keeps every core or
    /// multiprocessor busy, two warps on NVIDIA.
    /// </summary>
    private const int GroupSize = 64;

    private readonly IlgpuDevice device;
    private readonly AcceleratorStream stream;
    private readonly bool isFirst;
    private readonly StreamClock? clock;
    private readonly Dictionary<string, MemoryBuffer1D<float, Stride1D.Dense>> scratch = [];

    /// <summary>The first stream of <paramref name="device"/>, which is owned.</summary>
    internal IlgpuBackend(IlgpuDevice device)
        : this(device, device.Accelerator.DefaultStream, isFirst: true) => Plan = task => Conv2dPlan.For(task, DeviceClass);

    private IlgpuBackend(IlgpuDevice device, AcceleratorStream stream, bool isFirst)
    {
        (this.device, this.stream, this.isFirst) = (device, stream, isFirst);
        clock = device.Profile is { } profile ? new StreamClock(profile, stream, $"{Name}, stream {device.StreamOpened()}") : null;
        Plan = null!;
    }

    /// <inheritdoc/>
    public string Name => device.Name;

    /// <inheritdoc/>
    public string Description => device.Description;

    /// <inheritdoc/>
    public bool IsDevice => true;

    /// <inheritdoc/>
    public int Workers => 1;

    /// <inheritdoc/>
    public int MicroBatch => int.MaxValue;

    /// <inheritdoc/>
    public Profile? Profile => device.Profile;

    /// <summary>Called before every launch with the kernel's type; tests inject faults and count launches here.</summary>
    internal Action<Type>? Launching { get => device.Launching; set => device.Launching = value; }

    /// <summary>Called before every allocation with its size in bytes; tests inject faults here.</summary>
    internal Action<long>? Allocating { get => device.Allocating; set => device.Allocating = value; }

    /// <summary>What kernels are chosen by.</summary>
    internal DeviceClass DeviceClass => device.Class;

    /// <summary>Chooses how a convolution is computed; tests and tuning put their own choice here.</summary>
    internal Func<Conv2dTask, Conv2dPlan> Plan { get; set; }

    /// <summary>Every kernel type launched so far.</summary>
    internal ICollection<Type> Launched => device.Launched;

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device has no more of them.</exception>
    public IBackend OpenStream()
    {
        AcceleratorStream? opened = null;
        device.Guard("opening", "a stream", () => opened = device.Accelerator.CreateStream());
        return new IlgpuBackend(device, opened!, isFirst: false) { Plan = Plan };
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public Tensor Allocate(Shape shape)
    {
        var buffer = AllocateBuffer(shape.Length);
        return new DeviceTensor(this, buffer.View.AsContiguous(), shape, buffer);
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceMemoryException">There is no room for it, on the device or in page-locked memory.</exception>
    public StagedTensor Stage(Shape shape)
    {
        var tensor = Allocate(shape);
        try
        {
            return new StagedDeviceTensor(this, tensor, device.AllocatePageLocked(shape.Length));
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task WhenDone() => Task.Run(() => device.Guard("waiting for", "its kernels", stream.Synchronize));

    /// <inheritdoc/>
    public void Trim()
    {
        if (scratch.Count == 0) return;
        Synchronize(); // kernels in the queue may still use it
        foreach (var buffer in scratch.Values) device.Free(buffer);
        scratch.Clear();
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        device.Guard("waiting for", "its kernels", stream.Synchronize);
        clock?.Collect();
    }

    /// <inheritdoc/>
    public int Shards(int batch) => 1;

    /// <inheritdoc/>
    public void ForEachShard(int count, Action<int, int> body)
    {
        for (var shard = 0; shard < count; shard++) body(shard, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (clock is not null) device.Free(clock);
        foreach (var buffer in scratch.Values) device.Free(buffer);
        if (isFirst) device.Dispose();
        else device.Free(stream);
    }

    /// <summary>Launches one thread per index in [0, count).</summary>
    internal void For<TKernel>(int count, in TKernel kernel)
        where TKernel : struct, IKernel
    {
        if (count == 0) return;
        var argument = kernel;
        device.Launch<Action<AcceleratorStream, Index1D, TKernel>>(
            typeof(TKernel), static a => a.LoadImplicitlyGroupedKernel<Index1D, TKernel>(Entry.Run, GroupSize), launch => launch(stream, count, argument), clock?.Timing(argument));
    }

    /// <summary>Does the work for every element of a table of <paramref name="rows"/> by <paramref name="columns"/>.</summary>
    internal void ForRows<TKernel>(int rows, int columns, in TKernel kernel)
        where TKernel : struct, IRowKernel
    {
        if (DeviceClass == DeviceClass.Gpu) For(checked(rows * columns), new ElementsKernel<TKernel>(columns, kernel));
        else For(rows, new RowsKernel<TKernel>(columns, kernel));
    }

    /// <summary>Launches <paramref name="groups"/> groups of <paramref name="groupSize"/> threads that share memory.</summary>
    internal void ForGroups<TKernel>(int groups, int groupSize, in TKernel kernel)
        where TKernel : struct, IGroupKernel
    {
        var argument = kernel;
        device.Launch<Action<AcceleratorStream, KernelConfig, TKernel>>(
            typeof(TKernel), static a => a.LoadKernel<TKernel>(Entry.RunGroup), launch => launch(stream, new KernelConfig(groups, groupSize), argument), clock?.Timing(argument));
    }

    /// <summary>
    /// Device memory for intermediate values of one op, kept and grown under the name of its use. Its content is undefined. Launches
    /// of a stream run in order, so the next op with the same use may overwrite it at once.
    /// </summary>
    internal ArrayView<float> Scratch(string use, int length)
    {
        if (!scratch.TryGetValue(use, out var buffer) || buffer.Length < length)
        {
            var larger = AllocateBuffer(length);
            if (buffer is not null)
            {
                Synchronize(); // a kernel in the queue may still read the smaller one
                buffer.Dispose();
            }
            scratch[use] = buffer = larger;
        }
        return buffer.View.AsContiguous().SubView(0, length);
    }

    private MemoryBuffer1D<float, Stride1D.Dense> AllocateBuffer(int length)
    {
        var buffer = device.Allocate(length);
        // The driver's own way is slower by a factor of a hundred on PoCL, which clears byte by byte.
        using (Profile?.Begin("clear memory"))
            For((int)buffer.Length, new FillKernel(0, buffer.View.AsContiguous()));
        return buffer;
    }

    /// <summary>The memory of a tensor of this device.</summary>
    internal ArrayView<float> View(Tensor tensor) =>
        tensor is DeviceTensor own && own.Backend.device == device
            ? own.View
            : throw new ArgumentException($"a tensor of {tensor.Shape} does not live on {Name}");

    /// <summary>The methods that ILGPU compiles; everything else is inlined into them.</summary>
    internal static class Entry
    {
        internal static void Run<TKernel>(Index1D index, TKernel kernel)
            where TKernel : struct, IKernel => kernel.Execute(index);

        internal static void RunGroup<TKernel>(TKernel kernel)
            where TKernel : struct, IGroupKernel => kernel.Execute();
    }

    private sealed class StagedDeviceTensor(IlgpuBackend backend, Tensor tensor, PageLockedArray1D<float> values) : StagedTensor
    {
        public override Tensor Tensor => tensor;

        public override Span<float> Values => values.Span;

        public override void Send(int count)
        {
            if (count == 0) return;
            var start = backend.Profile?.Now ?? 0;
            var view = backend.View(tensor).SubView(0, count);
            backend.device.Guard("sending", tensor.Shape, () => view.CopyFromCPUUnsafeAsync(backend.stream, ref values.Span[0], count));
            backend.clock?.Timing("send", flops: 0, view.LengthInBytes)(start);
        }

        public override void Dispose()
        {
            tensor.Dispose();
            backend.device.Free(values);
        }
    }

    private sealed class DeviceTensor(IlgpuBackend backend, ArrayView<float> view, Shape shape, MemoryBuffer? owned) : Tensor(shape)
    {
        public IlgpuBackend Backend => backend;

        public ArrayView<float> View => view;

        public override void CopyFrom(ReadOnlySpan<float> source)
        {
            CheckLength(source.Length);
            if (source.IsEmpty) return;
            using var timed = backend.Profile?.Begin("copy to the device", bytes: source.Length * sizeof(float));
            try
            {
                backend.device.Accelerator.Bind();
                view.CopyFromCPU(backend.stream, source);
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                throw new DeviceException($"{backend.Name} failed while copying {Shape} to the device: {e.Message}", e);
            }
        }

        public override void CopyTo(Span<float> destination)
        {
            CheckLength(destination.Length);
            if (destination.IsEmpty) return;
            if (backend.clock is not null) backend.Synchronize(); // to tell the copy from the wait for the kernels before it
            using var timed = backend.Profile?.Begin("copy from the device", bytes: destination.Length * sizeof(float));
            try
            {
                backend.device.Accelerator.Bind();
                view.CopyToCPU(backend.stream, destination);
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                throw new DeviceException($"{backend.Name} failed while copying {Shape} from the device: {e.Message}", e);
            }
        }

        public override Tensor Slice(int offset, Shape shape)
        {
            if (offset < 0 || offset + (long)shape.Length > Shape.Length)
                throw new ArgumentOutOfRangeException(nameof(offset), $"a window of {shape} at {offset} leaves the tensor of {Shape}");
            return new DeviceTensor(backend, view.SubView(offset, shape.Length), shape, owned: null);
        }

        public override void Dispose()
        {
            if (owned is not null) backend.device.Free(owned);
        }
    }
}

/// <summary>One thread per element.</summary>
internal readonly struct ElementsKernel<T>(int columns, T kernel) : IKernel
    where T : struct, IRowKernel
{
    public void Execute(Index1D i) => kernel.Execute(i / columns, i % columns);
}

/// <summary>One thread per row.</summary>
internal readonly struct RowsKernel<T>(int columns, T kernel) : IKernel
    where T : struct, IRowKernel
{
    public void Execute(Index1D i)
    {
        for (var column = 0; column < columns; column++) kernel.Execute(i, column);
    }
}

using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Srcnn.Kernels;

/// <summary>Work for one thread. The fields are the arguments; the struct is copied to the device.</summary>
internal interface IKernel
{
    void Execute(Index1D index);
}

/// <summary>Work for one thread of a group; may use shared memory and barriers.</summary>
internal interface IGroupKernel
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

/// <summary>Runs ops through ILGPU on a CUDA, OpenCL or CPU accelerator, all on its default stream. Owns context and accelerator.</summary>
public sealed partial class IlgpuBackend : IBackend
{
    /// <summary>
    /// Threads per group of <see cref="For"/>. Small enough that a convolution with a few hundred items keeps every core or
    /// multiprocessor busy, two warps on NVIDIA.
    /// </summary>
    private const int GroupSize = 64;

    private readonly Context context;
    private readonly Accelerator accelerator;
    private readonly ConcurrentDictionary<Type, Delegate> launchers = new();
    private readonly Dictionary<string, MemoryBuffer1D<float, Stride1D.Dense>> scratch = [];

    internal IlgpuBackend(Context context, Accelerator accelerator, string name, string description)
    {
        (this.context, this.accelerator) = (context, accelerator);
        (Name, Description) = (name, description);
        DeviceClass = accelerator.AcceleratorType == AcceleratorType.Cuda || accelerator is CLAccelerator { Device: CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_GPU } }
            ? DeviceClass.Gpu
            : DeviceClass.Cpu;
        Plan = task => Conv2dPlan.For(task, DeviceClass);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public bool IsDevice => true;

    /// <inheritdoc/>
    public int Workers => 1;

    /// <inheritdoc/>
    public int MicroBatch => int.MaxValue;

    /// <summary>Called before every launch with the kernel's type; tests inject faults and count launches here.</summary>
    internal Action<Type>? Launching { get; set; }

    /// <summary>Called before every allocation with its size in bytes; tests inject faults here.</summary>
    internal Action<long>? Allocating { get; set; }

    /// <summary>What kernels are chosen by.</summary>
    internal DeviceClass DeviceClass { get; }

    /// <summary>Chooses how a convolution is computed; tests and tuning put their own choice here.</summary>
    internal Func<Conv2dTask, Conv2dPlan> Plan { get; set; }

    /// <summary>Every kernel type launched so far.</summary>
    internal ICollection<Type> Launched => launchers.Keys;

    /// <inheritdoc/>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public Tensor Allocate(Shape shape)
    {
        var buffer = AllocateBuffer(shape.Length);
        return new DeviceTensor(this, buffer.View.AsContiguous(), shape, buffer);
    }

    /// <inheritdoc/>
    public void Synchronize() => Guard("waiting for the device", accelerator.DefaultStream.Synchronize);

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
        foreach (var buffer in scratch.Values) buffer.Dispose();
        accelerator.Dispose();
        context.Dispose();
    }

    /// <summary>Launches one thread per index in [0, count).</summary>
    internal void For<TKernel>(int count, in TKernel kernel)
        where TKernel : struct, IKernel
    {
        if (count == 0) return;
        var argument = kernel;
        Launch(typeof(TKernel), () =>
        {
            var launch = (Action<AcceleratorStream, Index1D, TKernel>)launchers.GetOrAdd(
                typeof(TKernel),
                static (type, b) => b.Build(type, a => a.LoadImplicitlyGroupedKernel<Index1D, TKernel>(Entry.Run, GroupSize)), this);
            launch(accelerator.DefaultStream, count, argument);
        });
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
        Launch(typeof(TKernel), () =>
        {
            var launch = (Action<AcceleratorStream, KernelConfig, TKernel>)launchers.GetOrAdd(
                typeof(TKernel),
                static (type, b) => b.Build(type, a => a.LoadKernel<TKernel>(Entry.RunGroup)), this);
            launch(accelerator.DefaultStream, new KernelConfig(groups, groupSize), argument);
        });
    }

    /// <summary>
    /// Device memory for intermediate values of one op, kept and grown under the name of its use. Its content is undefined. Launches
    /// run in order, so the next op with the same use may overwrite it at once.
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

    /// <summary>The memory of a tensor of this backend.</summary>
    internal ArrayView<float> View(Tensor tensor) =>
        tensor is DeviceTensor device && device.Backend == this
            ? device.View
            : throw new ArgumentException($"a tensor of {tensor.Shape} does not live on {Name}");

    private MemoryBuffer1D<float, Stride1D.Dense> AllocateBuffer(int length)
    {
        try
        {
            Allocating?.Invoke((long)length * sizeof(float));
            var buffer = accelerator.Allocate1D<float>(Math.Max(length, 1)); // an empty buffer is an error on OpenCL
            buffer.MemSetToZero(accelerator.DefaultStream);
            return buffer;
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            throw new DeviceMemoryException($"{Name} could not allocate {length * 4.0 / (1 << 20):F1} MiB ({e.Message}); use smaller tiles or batches, or another device", e);
        }
    }

    private Delegate Build(Type kernel, Func<Accelerator, Delegate> load)
    {
        using var log = new BuildLog();
        try
        {
            return load(accelerator);
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            // The log belongs to the stack, which the command line shows when asked: it may be long.
            throw new DeviceException($"{Name} could not build the kernel {Kernel.NameOf(kernel)} ({e.Message})", log.ToString() is { Length: > 0 } text ? new DeviceException(text, e) : e);
        }
    }

    private void Launch(Type kernel, Action launch) => Guard($"launching {Kernel.NameOf(kernel)}", () =>
    {
        Launching?.Invoke(kernel);
        launch();
    });

    private void Guard(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is not (ObjectDisposedException or DeviceException))
        {
            throw new DeviceException($"{Name} failed while {what}: {e.Message}", e);
        }
    }

    /// <summary>The methods that ILGPU compiles; everything else is inlined into them.</summary>
    internal static class Entry
    {
        internal static void Run<TKernel>(Index1D index, TKernel kernel)
            where TKernel : struct, IKernel => kernel.Execute(index);

        internal static void RunGroup<TKernel>(TKernel kernel)
            where TKernel : struct, IGroupKernel => kernel.Execute();
    }

    private sealed class DeviceTensor(IlgpuBackend backend, ArrayView<float> view, Shape shape, MemoryBuffer? owned) : Tensor(shape)
    {
        public IlgpuBackend Backend => backend;

        public ArrayView<float> View => view;

        public override void CopyFrom(ReadOnlySpan<float> source)
        {
            CheckLength(source.Length);
            if (source.IsEmpty) return;
            try
            {
                view.CopyFromCPU(backend.accelerator.DefaultStream, source);
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
            try
            {
                view.CopyToCPU(backend.accelerator.DefaultStream, destination);
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

        public override void Dispose() => owned?.Dispose();
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

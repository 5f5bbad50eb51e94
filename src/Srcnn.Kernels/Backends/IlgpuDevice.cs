using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Srcnn.Kernels;

/// <summary>An opened accelerator: what all its streams share. Everything a device may fail at passes here and becomes a <see cref="DeviceException"/> that says what it was.</summary>
internal sealed class IlgpuDevice(Context context, Accelerator accelerator, string name, string description, string hardware, Profile? profile) : IDisposable
{
    private readonly Dictionary<Type, Delegate> launchers = [];

    /// <summary>A kernel's arguments are set one by one before it is launched, on an object that all threads share.</summary>
    private readonly Lock launching = new();

    private int streams;

    public string Name => name;

    public string Description => description;

    /// <summary>See <see cref="IlgpuBackend.Hardware"/>.</summary>
    public string Hardware => hardware;

    public Accelerator Accelerator => accelerator;

    public Profile? Profile => profile;

    /// <summary>What kernels are chosen by.</summary>
    public DeviceClass Class { get; } =
        accelerator.AcceleratorType == AcceleratorType.Cuda || accelerator is CLAccelerator { Device: CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_GPU } }
            ? DeviceClass.Gpu
            : DeviceClass.Cpu;

    /// <summary>See <see cref="IlgpuBackend.Choices"/>.</summary>
    public KernelChoices Choices { get; set; } = KernelChoices.None;

    /// <summary>See <see cref="IlgpuBackend.Launching"/>.</summary>
    public Action<Type>? Launching { get; set; }

    /// <summary>See <see cref="IlgpuBackend.Allocating"/>.</summary>
    public Action<long>? Allocating { get; set; }

    /// <summary>Every kernel type launched so far.</summary>
    public ICollection<Type> Launched => launchers.Keys;

    /// <summary>Counts a stream and returns its number, from 1.</summary>
    public int StreamOpened() => Interlocked.Increment(ref streams);

    /// <summary>Runs <paramref name="launch"/> with the launcher of a kernel, which is built the first time.</summary>
    /// <param name="timed">Told of the launch.</param>
    public void Launch<TLauncher>(Type kernel, Func<Accelerator, TLauncher> load, Action<TLauncher> launch, Action<long>? timed)
        where TLauncher : Delegate =>
        Guard("launching", kernel, () =>
        {
            lock (launching)
            {
                Launching?.Invoke(kernel);
                if (launchers.TryGetValue(kernel, out var launcher))
                {
                    var start = profile?.Now ?? 0;
                    launch((TLauncher)launcher);
                    timed?.Invoke(start);
                    return;
                }
                using var building = profile?.Begin("building kernels");
                launchers.Add(kernel, launcher = Build(kernel, load));
                launch((TLauncher)launcher); // some drivers compile only now
                timed?.Invoke(profile!.Now);
            }
        });

    /// <summary>Device memory of undefined content.</summary>
    /// <exception cref="DeviceMemoryException">There is no room for it.</exception>
    public MemoryBuffer1D<float, Stride1D.Dense> Allocate(int length)
    {
        try
        {
            Allocating?.Invoke((long)length * sizeof(float));
            accelerator.Bind();
            return accelerator.Allocate1D<float>(Math.Max(length, 1)); // an empty buffer is an error on OpenCL
        }
        catch (Exception e) when (!IsOurs(e))
        {
            throw NoMemory($"{name} could not allocate {length * 4.0 / (1 << 20):F1} MiB ({e.Message})", e);
        }
    }

    /// <summary>Host memory that the device reads without the processor's help.</summary>
    /// <exception cref="DeviceMemoryException">There is no room for it.</exception>
    public PageLockedArray1D<float> AllocatePageLocked(int length)
    {
        try
        {
            accelerator.Bind();
            return accelerator.AllocatePageLocked1D<float>(Math.Max(length, 1));
        }
        catch (Exception e) when (!IsOurs(e))
        {
            throw NoMemory($"{name} could not lock {length * 4.0 / (1 << 20):F1} MiB of host memory ({e.Message})", e);
        }
    }

    /// <summary>Runs <paramref name="action"/>, which is described by "<paramref name="doing"/> <paramref name="what"/>".</summary>
    /// <exception cref="DeviceException">It failed.</exception>
    public void Guard(string doing, object what, Action action)
    {
        try
        {
            accelerator.Bind(); // a thread that has not used the device yet
            action();
        }
        catch (Exception e) when (!IsOurs(e))
        {
            throw new DeviceException($"{name} failed while {doing} {(what is Type kernel ? Kernel.NameOf(kernel) : what)}: {e.Message}", e);
        }
    }

    /// <summary>A mistake in this program, which must not look like a bad driver, or what has its name already.</summary>
    private static bool IsOurs(Exception e) =>
        e is DeviceException or ObjectDisposedException or ArgumentException or NullReferenceException or IndexOutOfRangeException or InvalidCastException or ArithmeticException;

    /// <summary>Only where there is no room do smaller pieces help.</summary>
    private static DeviceException NoMemory(string what, Exception e)
    {
        var isFull = e is OutOfMemoryException
            or CudaException { Error: nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY) }
            or CLException { Error: CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY or CLError.CL_INVALID_BUFFER_SIZE };
        return isFull ? new DeviceMemoryException($"{what}; use smaller tiles or batches, or another device", e) : new DeviceException(what, e);
    }

    /// <summary>Gives something back. A device that is lost took it along, and says so as an error.</summary>
    public void Free(IDisposable owned)
    {
        try
        {
            accelerator.Bind();
            owned.Dispose();
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
        }
    }

    public void Dispose()
    {
        Free(accelerator);
        context.Dispose();
    }

    private Delegate Build<TLauncher>(Type kernel, Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate
    {
        using var log = new BuildLog();
        try
        {
            return load(accelerator);
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            // The log belongs to the stack, which the command line shows when asked: it may be long.
            throw new DeviceException($"{name} could not build the kernel {Kernel.NameOf(kernel)} ({e.Message})", log.ToString() is { Length: > 0 } text ? new DeviceException(text, e) : e);
        }
    }
}

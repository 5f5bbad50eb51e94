using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Srcnn.Kernels;

/// <summary>Finds and opens the devices ILGPU sees. A context holds devices of one kind only: starting a driver costs time and may fail.</summary>
internal static class IlgpuDevices
{
    private const string CheckingDescription = "ILGPU kernels run as .NET code, for checking";

    private static readonly string[] Kinds = ["cuda", "opencl"];

    /// <summary>Every CUDA and OpenCL device, best kind first; a kind is looked for when the ones before have been taken. A driver that fails counts as absent.</summary>
    public static IEnumerable<DeviceInfo> Present() => Kinds.SelectMany(Present);

    /// <summary>The device that runs kernels as .NET code; it is always there.</summary>
    public static DeviceInfo Checking { get; } = new("ilgpu-cpu", CheckingDescription, "cpu");

    /// <summary>Opens the device number <paramref name="index"/> of a kind.</summary>
    /// <exception cref="BackendUnavailableException">It is absent or fails.</exception>
    public static IlgpuBackend Open(string kind, int index, Profile? profile)
    {
        Context? context = null;
        try
        {
            context = CreateContext(kind, profile is not null);
            var devices = DevicesOf(context, kind);
            if (index >= devices.Count)
                throw new BackendUnavailableException($"no {kind} device number {index} on this machine; found {Found()}");
            var device = devices[index];
            return new IlgpuBackend(new IlgpuDevice(context, device.CreateAccelerator(context), Name(kind, index), Describe(device), Hardware(device), profile));
        }
        catch (Exception e)
        {
            context?.Dispose();
            if (e is BackendUnavailableException) throw;
            throw new BackendUnavailableException($"{kind} device number {index} fails to start ({e.Message}); found {Found()}", e);
        }
    }

    private static List<DeviceInfo> Present(string kind)
    {
        try
        {
            using var context = CreateContext(kind);
            return [.. DevicesOf(context, kind).Select((device, index) => new DeviceInfo(Name(kind, index), Describe(device), IsGpu(device) ? "gpu" : "cpu"))];
        }
        catch (Exception)
        {
            return []; // without a driver its library is missing; whatever else it says, there is no usable device
        }
    }

    // O2 always: at O1 every kernel fails on PoCL for want of a generic address space.
    private static Context CreateContext(string kind, bool profiled = false)
    {
        OpenClFixes.Install();
        return Context.Create(builder =>
        {
            builder.Optimize(OptimizationLevel.O2);
            Intrinsics.Register(builder);
            if (profiled) builder.Profiling();
            if (kind == "cuda") builder.Cuda();
            else if (kind == "opencl") builder.OpenCL(OpenClFixes.Accept);
            else builder.CPU(CPUDeviceKind.Nvidia); // the default kind allows groups of 16 only
        });
    }

    // A context without any device gets ILGPU's CPU device unasked.
    private static List<Device> DevicesOf(Context context, string kind) => [.. context.Devices.Where(device => device.AcceleratorType == kind switch
    {
        "cuda" => AcceleratorType.Cuda,
        "opencl" => AcceleratorType.OpenCL,
        _ => AcceleratorType.CPU,
    })];

    public static string Name(string kind, int index) => kind == "ilgpu-cpu" ? kind : $"{kind}:{index}";

    private static string Describe(Device device) =>
        device is CPUDevice ? CheckingDescription : $"{device.Name.Trim()}, {device.MemorySize >> 20} MiB";

    /// <summary>The device and its driver, by which measured choices are kept.</summary>
    private static string Hardware(Device device) => device switch
    {
        CudaDevice cuda => $"{device.Name.Trim()}, CUDA {cuda.DriverVersion}",
        CLDevice cl => $"{device.Name.Trim()}, {cl.PlatformName.Trim()} {cl.PlatformVersion}, {CLAPI.CurrentAPI.GetDeviceInfo(cl.DeviceId, CLDeviceInfoType.CL_DRIVER_VERSION)}",
        _ => device.Name,
    };

    private static bool IsGpu(Device device) => device is CudaDevice || device is CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_GPU };

    private static string Found() => string.Join(", ", [.. Present().Select(d => $"{d.Name} ({d.Description})"), .. Backend.Embedded().Select(d => d.Name)]);
}

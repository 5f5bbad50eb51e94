namespace Srcnn.Kernels;

/// <summary>A device failed while it was used. The message names the device and what it was doing.</summary>
public class DeviceException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A device has no room for an allocation.</summary>
public sealed class DeviceMemoryException(string message, Exception? cause = null) : DeviceException(message, cause);

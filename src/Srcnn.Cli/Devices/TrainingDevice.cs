using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Cli.Devices;

/// <summary>What a network is trained on: a device, or host once it has failed.</summary>
/// <param name="device">Owned.</param>
/// <param name="mayLeave">Whether host takes over, because nobody asked for this device.</param>
/// <param name="threads">Workers of the host.</param>
/// <param name="warn">Told what happened.</param>
internal sealed class TrainingDevice(IBackend device, bool mayLeave, int threads, Action<string> warn) : IDisposable
{
    private HostBackend? host;

    /// <summary>What it runs on now.</summary>
    public IBackend Backend => host ?? device;

    /// <summary>Trains; after a failure of the device once more on host, from the last checkpoint.</summary>
    /// <param name="run">The run folder, for messages.</param>
    /// <param name="train">Takes the backend and whether to continue the run in its folder.</param>
    /// <exception cref="DeviceException">The device that was asked for failed.</exception>
    public TrainingResult Train(string run, bool resume, Func<IBackend, bool, TrainingResult> train)
    {
        try
        {
            return train(device, resume);
        }
        catch (DeviceException e) when (device.IsDevice)
        {
            if (!mayLeave)
            {
                throw new DeviceException(
                    $"{e.Message}; expected a device that computes to the end; go on from the last checkpoint with: "
                    + $"srcnn train --output {run} --resume --device host", e);
            }
            warn($"{e.Message}; host goes on from the last checkpoint; check the device with 'srcnn selftest'");
            host = new HostBackend(threads) { Profile = device.Profile };
            return train(host, resume || new RunFolder(run).HasRun);
        }
    }

    public void Dispose()
    {
        host?.Dispose();
        device.Dispose();
    }
}

using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>The kernel that the rule takes for a convolution, and the one to take on a device.</summary>
/// <param name="Convolution">"5×5 64→32 weight gradient", as in <see cref="KernelChoices"/>.</param>
/// <param name="Rule">"Tile 8×128".</param>
/// <param name="RuleSeconds">The least time it took.</param>
/// <param name="Kernel">The rule's own unless another is clearly faster.</param>
/// <param name="Seconds">The least time that one took.</param>
/// <param name="Gflops">10⁹ operations of the work timed.</param>
public sealed record TunedConvolution(string Convolution, string Rule, double RuleSeconds, string Kernel, double Seconds, double Gflops);

/// <summary>Measures every kernel for every convolution of the known networks on a device, where <see cref="Conv2dPlan"/> only has a rule for its class.</summary>
/// <param name="device">Used alone meanwhile. Not owned.</param>
/// <param name="quick">Tiny sizes and only two networks, to see that it works; the choices are worth nothing.</param>
public sealed class KernelTuning(IlgpuBackend device, bool quick = false)
{
    private const int Side = 33;

    /// <summary>What another kernel must gain over the rule's: below, it is chance, and would change from time to time.</summary>
    private const double LeastGain = 1.05;

    /// <summary>A kernel so much slower than the best is not timed again.</summary>
    private const double Hopeless = 1.5;

    /// <summary>Rule and winner in turn, so that neither has the quieter moment.</summary>
    private const int FinalRounds = 5;

    // Enough to fill a card; on a processor, enough for every core.
    private int Batch => quick ? 1 : device.DeviceClass == DeviceClass.Gpu ? 128 : 16;

    /// <summary>What to set as <see cref="IlgpuBackend.Choices"/>: those that differ from the rule.</summary>
    public static KernelChoices Choices(IEnumerable<TunedConvolution> tuned) =>
        KernelChoices.Parse(string.Join('\n', tuned.Where(t => t.Kernel != t.Rule).Select(t => $"{t.Convolution}: {t.Kernel}")));

    /// <summary>One result per convolution, each when it is known. What the device is set to choose stays as it is.</summary>
    /// <exception cref="DeviceException">The device fails at the rule's own kernel.</exception>
    public IEnumerable<TunedConvolution> Run(CancellationToken stop = default)
    {
        var plan = device.Plan;
        try
        {
            foreach (var task in Tasks()) yield return Tune(task, stop);
        }
        finally
        {
            device.Plan = plan;
        }
    }

    private TunedConvolution Tune(Conv2dTask task, CancellationToken stop)
    {
        var geometry = new Conv2dGeometry(task.InChannels, task.OutChannels, task.KernelSize, Stride: task.Stride);
        using var work = new ConvolutionWorkload(
            device, new ConvolutionCase(geometry, Activation.Relu, Batch, Side), task.WeightGradient ? ConvolutionOp.WeightGradient : ConvolutionOp.Forward);
        var rule = Conv2dPlan.For(task, device.DeviceClass);
        var (best, bestTime) = (rule, double.PositiveInfinity);
        var ruleTime = bestTime = Time(rule)!.Value;
        foreach (var plan in Conv2dPlan.All(task).Where(plan => plan != rule))
        {
            stop.ThrowIfCancellationRequested();
            if (Time(plan) is { } time && time < bestTime) (best, bestTime) = (plan, time);
        }
        for (var round = 0; best != rule && round < FinalRounds; round++)
        {
            ruleTime = Math.Min(ruleTime, Once(rule));
            bestTime = Math.Min(bestTime, Once(best));
        }
        if (ruleTime < LeastGain * bestTime) (best, bestTime) = (rule, ruleTime);
        return new TunedConvolution(task.ToString(), rule.ToString(), ruleTime, best.ToString(), bestTime, work.Flops / 1e9);

        // Null for a kernel that the device does not take; it must take the rule's.
        double? Time(Conv2dPlan plan)
        {
            try
            {
                Once(plan); // builds it
                var time = Once(plan);
                return time > Hopeless * bestTime ? time : Math.Min(time, Once(plan));
            }
            catch (DeviceException) when (plan != rule)
            {
                return null;
            }
        }

        double Once(Conv2dPlan plan)
        {
            device.Plan = _ => plan;
            return Timing.Once(work.Run);
        }
    }

    /// <summary>What the networks ask for in both passes, found by running them.</summary>
    private HashSet<Conv2dTask> Tasks()
    {
        NetworkConfig[] networks = [new SrcnnConfig(9, 1, 5), new SrcnnConfig(9, 5, 5), new SrcnnConfig(9, 1, 5, Channels: 3), .. ((string[])["fsrcnn", "fsrcnn-s", "vdsr", "compact-7-32", "srresnet"]).Select(NetworkCatalog.Parse)];
        HashSet<Conv2dTask> tasks = [];
        var rule = device.Plan;
        device.Plan = task =>
        {
            tasks.Add(task);
            return rule(task);
        };
        foreach (var network in quick ? networks[..1] : networks)
        foreach (var scale in network.Input == NetworkInput.Bicubic ? [2] : (int[])[2, 3, 4])
            RunBothWays(network, scale);
        return tasks;
    }

    private void RunBothWays(NetworkConfig network, int scale)
    {
        using var model = new Model(network, scale, device);
        using var grads = device.Allocate(model.Parameters.Values.Shape);
        using var workspace = new Workspace(model.Training, model.Parameters) { Grads = grads, Edges = model.TrainingEdges };
        using var input = device.Allocate(new Shape(1, Side, Side, network.Channels));
        model.Training.Prepare(model.Parameters);
        using var outputGrad = device.Allocate(workspace.Forward(input).Shape);
        workspace.Backward(outputGrad);
        device.Synchronize();
    }
}

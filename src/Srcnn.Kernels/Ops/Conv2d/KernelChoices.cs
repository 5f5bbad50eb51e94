using System.Globalization;
using System.Text.RegularExpressions;

namespace Srcnn.Kernels;

/// <summary>
/// Which kernels compute which convolutions, where that was measured on a device or recorded in a run; for all others the rule of
/// <see cref="Conv2dPlan"/> holds. As text it is a line per convolution: "5×5 64→32 weight gradient: Tile 4×64".
/// </summary>
public sealed partial class KernelChoices
{
    private readonly IReadOnlyDictionary<Conv2dTask, Conv2dPlan> plans;

    internal KernelChoices(IReadOnlyDictionary<Conv2dTask, Conv2dPlan> plans) => this.plans = plans;

    /// <summary>Everything by rule.</summary>
    public static KernelChoices None { get; } = new(new Dictionary<Conv2dTask, Conv2dPlan>());

    /// <summary>Convolutions chosen for.</summary>
    public int Count => plans.Count;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">A line is none of it, or names a kernel that there is not, or not for this convolution; the message quotes it.</exception>
    public static KernelChoices Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Dictionary<Conv2dTask, Conv2dPlan> plans = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Line().Match(line) is not { Success: true } match || TaskOf(match) is not { } task
                || Conv2dPlan.All(task).Where(plan => plan.ToString() == match.Groups["plan"].Value).ToList() is not [var plan])
                throw new FormatException($"'{line}' chooses no kernel for a convolution");
            plans[task] = plan;
        }
        return new KernelChoices(plans);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', plans.Select(choice => $"{choice.Key}: {choice.Value}").Order(StringComparer.Ordinal));

    /// <summary>The convolutions chosen for, each with the kernel chosen and the one that the rule for <paramref name="device"/> would take.</summary>
    public IEnumerable<(string Convolution, string Kernel, string Rule)> Beside(IlgpuBackend device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return plans.Select(choice => (choice.Key.ToString(), choice.Value.ToString(), Conv2dPlan.For(choice.Key, device.DeviceClass).ToString())).OrderBy(choice => choice.Item1, StringComparer.Ordinal);
    }

    /// <summary>The choice for <paramref name="task"/>, or null.</summary>
    internal Conv2dPlan? Find(Conv2dTask task) => plans.TryGetValue(task, out var plan) ? plan : null;

    private static Conv2dTask? TaskOf(Match match)
    {
        var isWhole = true;
        var task = new Conv2dTask(Number("in"), Number("out"), Number("size"), match.Groups["stride"].Success ? Number("stride") : 1, match.Groups["op"].Value == Conv2dTask.Gradient);
        return isWhole ? task : null;

        int Number(string name)
        {
            isWhole &= int.TryParse(match.Groups[name].Value, CultureInfo.InvariantCulture, out var value) && value > 0;
            return value;
        }
    }

    [GeneratedRegex(@"^(?<size>\d+)×\k<size> (?<in>\d+)→(?<out>\d+)(?: by (?<stride>\d+))? (?<op>forward|weight gradient): (?<plan>.+)$")]
    private static partial Regex Line();
}

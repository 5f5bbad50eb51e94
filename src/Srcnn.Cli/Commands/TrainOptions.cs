using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;

namespace Srcnn.Cli.Commands;

/// <summary>The options of <c>train</c> that are keys of its configuration: an option that is given wins over the file.</summary>
internal sealed class TrainOptions
{
    private readonly List<(Option Option, Func<ParseResult, TrainingConfig, TrainingConfig> Set)> all = [];

    public TrainOptions()
    {
        Add<string>("network", $"Network: {NetworkCatalog.Names}. Default: srcnn-9-1-5.", (c, v) => c with { Network = v });
        Add<int>("channels", "1 trains on luma, 3 on RGB. Default: the network's own.", (c, v) => c with { Channels = v });
        Add<int>("scale", "Factor. Default: 3.", (c, v) => c with { Scale = v }, "-s");
        Add<string[]>("data", "Folders of training pictures. Without it: generated pictures.", (c, v) => c with { Data = v }, "-d");
        Add<bool>("recursive", "Also the folders in folders.", (c, v) => c with { Recursive = v }, "-r");
        Add<int[]>("scales", "Factors trained at once, by networks that serve several.", (c, v) => c with { Scales = v });
        Add<string>("data-hr", "Folder of originals whose low resolutions are given.", (c, v) => c with { DataHr = v });
        Add<string>("data-lr", "Folder of these low resolutions, under the same names.", (c, v) => c with { DataLr = v });
        Add<double[]>("sizes", "Sizes each training picture is shown at: 1 0.8 0.6.", (c, v) => c with { Sizes = v });
        Add<double>("stress", "Share of the samples cut from generated text, edges, screens and other shapes.", (c, v) => c with { Stress = v });
        Add<string[]>("val", "Folders of validation pictures. Without it: every tenth training picture.", (c, v) => c with { Val = v });
        Add<int>("steps", "Optimiser steps.", (c, v) => c with { Steps = v });
        Add<int>("batch", "Patches per step.", (c, v) => c with { Batch = v });
        Add<int>("patch", "Side of an input patch in pixels.", (c, v) => c with { Patch = v });
        Add<int>("stride", "Distance of patches on the grid.", (c, v) => c with { Stride = v });
        Add<string>("crops", "grid, as the paper, or anywhere.", (c, v) => c with { Crops = Name<Crops>("crops", v) });
        Add<bool>("augment", "Flips and rotations.", (c, v) => c with { Augment = v });
        Add<int>("overfit", "Trains on so many samples only, over and over: the loss must fall to nothing.", (c, v) => c with { Overfit = v });
        Add<string>("optimizer", $"{Names<OptimizerKind>()}.", (c, v) => c with { Optimizer = Name<OptimizerKind>("optimizer", v) });
        Add<double>("lr", "Learning rate at the start.", (c, v) => c with { Lr = v });
        Add<int>("warmup", "Steps over which the learning rate rises from zero.", (c, v) => c with { Warmup = v });
        Add<double>("lr-end", "Learning rate at the end of a cosine.", (c, v) => c with { LrEnd = v });
        Add<string>("schedule", $"{Names<Schedule>()}; range raises the rate from lr-end to lr and reports the loss over it.", (c, v) => c with { Schedule = Name<Schedule>("schedule", v) });
        Add<double>("momentum", "Of SGD.", (c, v) => c with { Momentum = v });
        Add<double>("weight-decay", "Of SGD and SOAP.", (c, v) => c with { WeightDecay = v });
        Add<double>("clip-value", "Gradients are cut to this, over the learning rate.", (c, v) => c with { ClipValue = v });
        Add<double>("clip-norm", "Longer gradients are shortened to this norm.", (c, v) => c with { ClipNorm = v });
        Add<double>("beta1", "Adam's decay of the first moment.", (c, v) => c with { Beta1 = v });
        Add<double>("beta2", "Adam's decay of the second moment.", (c, v) => c with { Beta2 = v });
        Add<string[]>("rates", "Factors on the learning rate by parameter: 'conv3.*=0.1'.", (c, v) => c with { Rates = Rates(v) });
        Add<double>("center", "Taken off input and target in training, and folded into the model's biases.", (c, v) => c with { Center = v });
        Add<double>("average", "The model is the mean of the weights over this last share of the run.", (c, v) => c with { Average = v });
        Add<string>("start", "Fresh weights: identity begins at bicubic's quality, paper as the authors.", (c, v) => c with { Start = Name<SrcnnStart>("start", v) });
        Add<string>("init", "Model file of the same scale to start from.", (c, v) => c with { Init = v });
        Add<string>("from", "Shipped model or model file of the same network and any scale to start from.", (c, v) => c with { From = v });
        Add<string>("teacher", "Shipped model or model file of the same scale whose outputs are the targets: distillation.", (c, v) => c with { Teacher = v });
        Add<double>("teacher-share", "Targets are so much of the teacher's output, the rest of the original. Default: 1.", (c, v) => c with { TeacherShare = v });
        Add<string[]>("freeze", "Parameters that do not move: 'conv*'.", (c, v) => c with { Freeze = v });
        Add<string>("class", $"What the model is to promise on pictures that are no photographs: {Names<ModelClass>()}.", (c, v) => c with { Class = Name<ModelClass>("class", v) });
        Add<ulong>("seed", "From it every random choice derives.", (c, v) => c with { Seed = v });
        Add<int>("log-every", "Steps between lines of the log.", (c, v) => c with { LogEvery = v });
        Add<int>("save-every", "Steps between validations and checkpoints.", (c, v) => c with { SaveEvery = v });
    }

    public void AddTo(Command command)
    {
        foreach (var (option, _) in all) command.Add(option);
    }

    /// <summary>The configuration with every option that was given.</summary>
    public TrainingConfig Apply(ParseResult parse, TrainingConfig config)
    {
        foreach (var (option, set) in all)
        {
            if (parse.GetResult(option) is { Implicit: false }) config = set(parse, config);
        }
        return config;
    }

    private void Add<T>(string key, string description, Func<TrainingConfig, T, TrainingConfig> set, params string[] aliases)
    {
        var option = new Option<T>($"--{key}", aliases) { Description = description, AllowMultipleArgumentsPerToken = typeof(T).IsArray };
        all.Add((option, (parse, config) => set(config, parse.GetValue(option)!)));
    }

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()));

    private static T Name<T>(string key, string name)
        where T : struct, Enum =>
        Enum.GetNames<T>().Contains(name, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(name, ignoreCase: true)
            : throw new UsageException($"--{key} is '{name}'; expected one of {Names<T>()}; correct it");

    private static Dictionary<string, double> Rates(string[] texts)
    {
        var rates = new Dictionary<string, double>();
        foreach (var text in texts)
        {
            var parts = text.Split('=');
            if (parts.Length != 2 || !double.TryParse(parts[1], CultureInfo.InvariantCulture, out var factor))
                throw new UsageException($"--rates is '{text}'; expected PARAMETER=FACTOR; write it as in 'conv3.*=0.1'");
            rates[parts[0]] = factor;
        }
        return rates;
    }
}

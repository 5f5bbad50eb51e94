using System.Text.Json;
using System.Text.Json.Serialization;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Training;

/// <summary>Everything that decides a training run; the keys of its JSON form are the options of <c>srcnn train</c>.</summary>
public sealed record TrainingConfig
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    private readonly int? channels;

    /// <summary>A name of the network catalog.</summary>
    public string Network { get; init; } = "srcnn-9-1-5";

    /// <summary>Colour channels: 1 trains on luma, 3 on RGB. Where nobody says, what the network says.</summary>
    public int Channels
    {
        get => channels ?? NetworkCatalog.Find(Network)?.Channels ?? 1;
        init => channels = value;
    }

    /// <summary>The upscaling factor, 2 to 8.</summary>
    public int Scale { get; init; } = 3;

    /// <summary>Factors trained at once, by networks that serve several; none trains <see cref="Scale"/> alone.</summary>
    public IReadOnlyList<int> Scales { get; init; } = [];

    /// <summary>Folders of training pictures; none trains on generated images.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Folder of originals whose low resolutions are not to be made but lie in <see cref="DataLr"/> under the same names; instead of <see cref="Data"/>.</summary>
    public string? DataHr { get; init; }

    /// <summary>Folder of the low resolutions of <see cref="DataHr"/>.</summary>
    public string? DataLr { get; init; }

    /// <summary>Sizes each training picture is shown at, 1 and less: scale augmentation.</summary>
    public IReadOnlyList<double> Sizes { get; init; } = [1];

    /// <summary>Share of the samples cut from generated shapes that photographs are nothing like (<see cref="Srcnn.Engine.Stress.StressPictures"/>): text, edges, screens, maps.</summary>
    public double Stress { get; init; }

    /// <summary>Folders of validation pictures; none holds out every tenth training picture.</summary>
    public IReadOnlyList<string> Val { get; init; } = [];

    /// <summary>Whether pictures are also looked for in the folders of all these folders.</summary>
    public bool Recursive { get; init; }

    /// <summary>Optimiser steps.</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Patches per step.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Side of an input patch in pixels.</summary>
    public int Patch { get; init; } = 33;

    /// <summary>Distance of neighbouring patches on the grid in pixels.</summary>
    public int Stride { get; init; } = 14;

    public Crops Crops { get; init; } = Crops.Anywhere;

    /// <summary>Shows each patch in one of its eight flips and rotations.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Trains on so many samples only, over and over: a network that does not learn them by heart is broken. 0 trains on all.</summary>
    public int Overfit { get; init; }

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Learning rate at the start.</summary>
    public double Lr { get; init; } = 1e-3;

    /// <summary>Learning rate at the end of a cosine.</summary>
    public double LrEnd { get; init; } = 1e-5;

    public Schedule Schedule { get; init; } = Schedule.Cosine;

    /// <summary>Steps over which the rate rises from zero. Adam's first steps move every weight by the full rate, whatever its gradient, and would throw a good start away.</summary>
    public int Warmup { get; init; } = 500;

    /// <summary>SGD's momentum.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>This share of each weight is added to its gradient by SGD, to its direction by SOAP.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Gradients are cut to ±clip-value/rate, so that no step is longer than this (VDSR's θ); 0 leaves them.</summary>
    public double ClipValue { get; init; }

    /// <summary>A longer gradient is shortened to this norm; 0 leaves it.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Adam's decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Factors on the learning rate by parameter name; wildcards allowed, the last match holds: {"conv3.*": 0.1}.</summary>
    /// <remarks>SRCNN's authors slow the last layer down ten times. Without some of that, its first steps under Adam are larger than what is left to learn, and rounding errors grow into other runs.</remarks>
    public IReadOnlyDictionary<string, double> Rates { get; init; } = new Dictionary<string, double>();

    /// <summary>Taken off input and target in training, which preconditions the first layer; the trained model has it in its biases. 0.45 is about the mean of luma.</summary>
    public double Center { get; init; }

    /// <summary>The model is the mean of the weights over about this last share of the run, which calms what a high rate stirs up; 0 takes the last weights.</summary>
    public double Average { get; init; }

    /// <summary>How fresh weights are drawn; ignored with <see cref="Init"/>.</summary>
    public Networks.SrcnnStart Start { get; init; } = Networks.SrcnnStart.Identity;

    /// <summary>A model file of the same scale to start from.</summary>
    public string? Init { get; init; }

    /// <summary>A shipped model or model file of the same network and any scale to start from: transfer.</summary>
    public string? From { get; init; }

    /// <summary>A shipped model or model file of the same scale whose outputs are the targets: distillation.</summary>
    public string? Teacher { get; init; }

    /// <summary>Targets are so much of the teacher's output, the rest of the original.</summary>
    public double TeacherShare { get; init; } = 1;

    /// <summary>Parameters that do not move, by name; wildcards allowed.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>What the model is to promise on pictures that are no photographs; its file says it, <c>srcnn evaluate --stress</c> checks it.</summary>
    public Models.ModelClass? Class { get; init; }

    /// <summary>The factors trained: <see cref="Scales"/>, or <see cref="Scale"/> alone.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> AllScales => Scales.Count > 0 ? Scales : [Scale];

    /// <summary>From it every random choice derives.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Steps between lines of the log.</summary>
    public int LogEvery { get; init; } = 100;

    /// <summary>Steps between validations and checkpoints.</summary>
    public int SaveEvery { get; init; } = 1000;

    /// <summary>The configuration as config.json holds it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a configuration; comments are allowed, an unknown key is an error.</summary>
    /// <exception cref="ConfigException">The text is no configuration; the message names the line.</exception>
    public static TrainingConfig FromJson(string text, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingConfig>(text, Json) ?? throw new JsonException("the file is empty");
        }
        catch (JsonException e)
        {
            throw new ConfigException($"{name}{(e.LineNumber is { } line ? $", line {line + 1}" : "")}: {Plain(e)}; expected the keys of 'srcnn train --help'; correct the file");
        }
    }

    // The library speaks of .NET types, positions and paths.
    private static string Plain(JsonException e)
    {
        var text = e.Message.Split('\n')[0];
        if (text.Contains("could not be mapped", StringComparison.Ordinal)) return $"key '{text.Split('\'')[1]}' is unknown";
        if (text.StartsWith("The JSON value could not be converted", StringComparison.Ordinal)) return $"the value of '{e.Path?.TrimStart('$', '.')}' cannot be read";
        return text.Split(" Path: ")[0].TrimEnd('.');
    }

    /// <summary>Checks ranges before anything is loaded.</summary>
    /// <exception cref="ConfigException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(Scale is >= 2 and <= 8, "scale", Scale, "a whole number from 2 to 8");
        Require(Channels is 1 or 3, "channels", Channels, "1 (luma) or 3 (RGB)");
        Require(Scales.Count == 0 || Scales.Contains(Scale), "scale", Scale, $"one of scales, {string.Join(' ', Scales)}");
        foreach (var scale in Scales) Require(scale is >= 2 and <= 8, "scales", scale, "whole numbers from 2 to 8");
        Require((DataHr is null) == (DataLr is null), DataHr is null ? "data-hr" : "data-lr", "not given", "both data-hr and data-lr or neither");
        Require(DataHr is null || (Data.Count == 0 && Scales.Count == 0 && Sizes is [1]), "data-hr", DataHr ?? "", "pairs alone, without data, scales and sizes");
        Require(Sizes.Count > 0 && Sizes.All(s => s is > 0 and <= 1), "sizes", string.Join(' ', Sizes), "numbers above 0 and up to 1");
        Require(From is null || Init is null, "from", From ?? "", "no init beside it");
        Require(TeacherShare is >= 0 and <= 1, "teacher-share", TeacherShare, "0 to 1");
        Require(TeacherShare == 1 || Teacher is not null, "teacher-share", TeacherShare, "a teacher beside it");
        Require(Data.Concat(Val).All(folder => !string.IsNullOrWhiteSpace(folder)), "data or val", "empty", "names of folders");
        Require(Steps >= 1, "steps", Steps, "at least 1");
        Require(Batch is >= 1 and <= 65536, "batch", Batch, "1 to 65536");
        Require(Patch is >= 1 and <= 1024, "patch", Patch, "1 to 1024");
        Require(Stride >= 1, "stride", Stride, "at least 1");
        Require(Overfit >= 0, "overfit", Overfit, "zero or a positive number");
        Require(Lr is > 0 and < 1e30, "lr", Lr, "a positive number below 1e30");
        Require(LrEnd is >= 0 and < 1e30, "lr-end", LrEnd, "zero or a positive number below 1e30");
        Require(Schedule != Schedule.Range || (LrEnd > 0 && LrEnd < Lr), "lr-end", LrEnd, "above zero and below lr: a range begins there");
        Require(Warmup >= 0, "warmup", Warmup, "zero or a positive number");
        Require(Momentum is >= 0 and < 1, "momentum", Momentum, "0 up to, not including, 1");
        Require(WeightDecay is >= 0 and < 1, "weight-decay", WeightDecay, "0 up to, not including, 1");
        Require(WeightDecay == 0 || Optimizer != OptimizerKind.Adam, "weight-decay", WeightDecay, "0 for adam");
        Require(ClipValue is >= 0 and < 1e30, "clip-value", ClipValue, "zero or a positive number");
        Require(ClipNorm is >= 0 and < 1e30, "clip-norm", ClipNorm, "zero or a positive number");
        Require(Beta1 is >= 0 and < 1, "beta1", Beta1, "0 up to, not including, 1");
        Require(Beta2 is >= 0 and < 1, "beta2", Beta2, "0 up to, not including, 1");
        Require(Center is >= 0 and <= 1, "center", Center, "0 to 1");
        Require(Average is >= 0 and <= 1, "average", Average, "0 to 1");
        Require(Stress is >= 0 and <= 1, "stress", Stress, "0 to 1");
        Require(LogEvery >= 1, "log-every", LogEvery, "at least 1");
        Require(SaveEvery >= 1, "save-every", SaveEvery, "at least 1");
        foreach (var (pattern, factor) in Rates) Require(factor is >= 0 and < 1e6, $"rates[{pattern}]", factor, "zero or a positive number");

        static void Require(bool holds, string key, object value, string expected)
        {
            if (!holds) throw new ConfigException($"{key} is {value}; expected {expected}; correct the option or the configuration file");
        }
    }
}

/// <summary>Where patches are cut.</summary>
public enum Crops
{
    /// <summary>At the points of a grid, each once per epoch, as the paper does.</summary>
    Grid,

    /// <summary>At any position, drawn afresh each time; an epoch has as many patches as the grid.</summary>
    Anywhere,
}

/// <summary>How gradients become steps.</summary>
public enum OptimizerKind
{
    Adam,
    Sgd,

    /// <summary>Adam in the eigenbasis of the gradient's covariances (arXiv:2409.11321).</summary>
    Soap,
}

/// <summary>How the learning rate moves from start to end.</summary>
public enum Schedule
{
    Constant,

    /// <summary>Half a cosine from lr to lr-end over all steps.</summary>
    Cosine,

    /// <summary>Divided by ten after a half and after three quarters of the steps.</summary>
    Step,

    /// <summary>From lr-end up to lr, by the same factor each step: the loss over the rate shows which rates a network bears (arXiv:1506.01186).</summary>
    Range,
}

/// <summary>A training configuration cannot be used.</summary>
public sealed class ConfigException(string message) : Exception(message);

using System.Globalization;
using System.IO.Hashing;
using Srcnn.Engine.Files;
using Srcnn.Engine.Models;

namespace Srcnn.Engine.Training;

/// <summary>
/// Everything a run needs to go on as if never stopped: the model, the optimiser's state in file order, the number of the next step
/// (from which the data order and the learning rate follow) and the best score so far. A safetensors file and, behind it, a checksum.
/// </summary>
/// <param name="Model">The parameters as they are trained.</param>
/// <param name="State">The optimiser's and the average's tensors, named "moment1/conv1.weight".</param>
/// <param name="Losses">Loss sums since the last log line, see <see cref="GradientPass.Losses"/>.</param>
/// <param name="LoggedStep">The step of the last log line.</param>
/// <param name="Step">Steps done.</param>
/// <param name="BestPsnr">Best validation PSNR so far in dB; −∞ before the first.</param>
/// <param name="Config">The configuration as JSON.</param>
public sealed record Checkpoint(ModelFile Model, IReadOnlyList<NamedTensor> State, float[] Losses, int LoggedStep, int Step, double BestPsnr, string Config)
{
    private const int ChecksumLength = 16;
    private const string LossesName = "log/losses";

    /// <summary>Writes the checkpoint to a temporary name, flushes and renames it.</summary>
    /// <exception cref="DivergedException">A value is NaN or infinite: nothing could go on from here, so nothing is written.</exception>
    public void Save(string path)
    {
        if (Model.Tensors.Concat(State).FirstOrDefault(t => t.FirstNonFinite() >= 0) is { } broken)
            throw new DivergedException($"{broken.Name} is not finite at step {Step}; expected finite numbers; lower --lr; the checkpoint before is kept");
        var file = Model.ToSafetensors();
        var metadata = new Dictionary<string, string>(file.Metadata)
        {
            ["logged"] = LoggedStep.ToString(CultureInfo.InvariantCulture),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["best"] = BestPsnr.ToString("R", CultureInfo.InvariantCulture),
            ["run"] = Config,
        };
        using var content = new MemoryStream();
        new SafetensorsFile([.. file.Tensors, .. State, new NamedTensor(LossesName, [Losses.Length], Losses)], metadata).Write(content);
        var bytes = content.ToArray();
        AtomicFile.Write(path, stream =>
        {
            stream.Write(bytes);
            stream.Write(XxHash128.Hash(bytes));
        });
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="ModelException">A bit is wrong anywhere, or it is no checkpoint.</exception>
    public static Checkpoint Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < ChecksumLength || !XxHash128.Hash(bytes.AsSpan(..^ChecksumLength)).AsSpan().SequenceEqual(bytes.AsSpan(^ChecksumLength..)))
            throw new ModelException(path, "the checksum does not match", "expected an intact checkpoint", "the file is damaged; resume from the one before");
        var file = SafetensorsFile.Read(new MemoryStream(bytes, 0, bytes.Length - ChecksumLength), path);
        var model = ModelFile.From(new SafetensorsFile([.. file.Tensors.Where(t => !t.Name.Contains('/'))], file.Metadata), path);
        try
        {
            return new Checkpoint(
                model,
                [.. file.Tensors.Where(t => t.Name.Contains('/') && t.Name != LossesName)],
                file.Find(LossesName)?.Values ?? [],
                int.Parse(file.Metadata["logged"], CultureInfo.InvariantCulture),
                int.Parse(file.Metadata["step"], CultureInfo.InvariantCulture),
                double.Parse(file.Metadata["best"], CultureInfo.InvariantCulture),
                file.Metadata["run"]);
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or OverflowException)
        {
            throw new ModelException(path, $"a model without the state of a run ({e.Message})", "expected a checkpoint", "resume from a checkpoint of 'srcnn train'", e);
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>
/// The generator of leftthomas/SRGAN as safetensors: block1 is the head, the last block the sub-pixel layers and the tail, the one before the layer under the
/// long skip, those between residual blocks. Its output (tanh x + 1)/2 is the sigmoid of 2x: the tail's weights are doubled.
/// </summary>
internal static partial class SrganWeights
{
    /// <summary>Whether the file has these names, right or wrong in size.</summary>
    public static bool Matches(SafetensorsFile file) => file.Find("block1.0.weight") is not null && file.Find("block2.conv1.weight") is not null;

    /// <summary>The network; tensors as our files name them.</summary>
    /// <exception cref="ModelException">A name is none of these.</exception>
    public static AuthorModel Read(SafetensorsFile file, string name)
    {
        var tensors = file.Tensors.Where(t => !t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)).ToList();
        var last = tensors.Max(t => Number(Block().Match(t.Name), 1) ?? throw Unknown(t.Name));
        var ups = tensors.Count(t => t.Name.StartsWith($"block{last}.", StringComparison.Ordinal) && t.Name.EndsWith("conv.weight", StringComparison.Ordinal));
        var head = file.Find("block1.0.weight")!.Shape;
        var isNormed = tensors.Any(t => t.Name.StartsWith($"block{last - 1}.bn", StringComparison.Ordinal) || t.Name == $"block{last - 1}.1.running_mean");
        var network = new SrResNetConfig(last - 3, head[0], head[1], SharedSlopes: true, BodyNorm: isNormed, BoundedOutput: true);
        return new AuthorModel(network, [.. tensors.Select(Renamed)], 1 << ups);

        NamedTensor Renamed(NamedTensor tensor)
        {
            var match = Block().Match(tensor.Name);
            var (block, rest) = (Number(match, 1)!.Value, match.Groups[2].Value);
            var (layer, part) = (rest.Split('.')[0], rest.Split('.')[^1]);
            if (block > 1 && block < last - 1) return tensor with { Name = $"block{block - 1}.{(layer == "prelu" ? "prelu.slope" : rest)}" };
            if (block == last && layer == ups.ToString(CultureInfo.InvariantCulture)) return tensor with { Name = $"tail.{part}", Values = [.. tensor.Values.Select(v => 2 * v)] };
            if (block == last && int.TryParse(layer, out var up)) return tensor with { Name = rest.Contains("prelu", StringComparison.Ordinal) ? $"up{up + 1}.prelu.slope" : $"up{up + 1}.{part}" };
            var place = block == 1 ? "head" : "body";
            return tensor with { Name = layer == "0" ? $"{place}.{part}" : isNormed && block > 1 ? $"{place}.bn.{part}" : $"{place}.prelu.slope" };
        }

        ModelException Unknown(string tensor) => new(name, $"a tensor {ModelException.Quote(tensor)}", "the generator of leftthomas/SRGAN has only tensors block1 to blockN", "rename the tensors, or give another file");
    }

    private static int? Number(Match match, int group) => match.Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("^block([0-9]{1,3})\\.(.+)$")]
    private static partial Regex Block();
}

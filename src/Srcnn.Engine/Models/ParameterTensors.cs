using Srcnn.Kernels;

namespace Srcnn.Engine.Models;

/// <summary>Parameters as files hold them.</summary>
internal static class ParameterTensors
{
    /// <summary>The tensors of a flat buffer of this layout, as files hold them; their names may begin with a prefix.</summary>
    public static IEnumerable<NamedTensor> ToFile(this ParameterStore parameters, Tensor flat, string prefix = "") =>
        parameters.Parameters.Select(p => new NamedTensor(prefix + p.Name, p.FileShape, p.ToFile(parameters.Window(flat, p).ToArray())));

    /// <summary>Fills a flat buffer of this layout with what <see cref="ToFile"/> gave.</summary>
    /// <exception cref="ModelException">A tensor is missing or of another shape; <paramref name="source"/> names the file.</exception>
    public static void FromFile(this ParameterStore parameters, Tensor flat, IReadOnlyDictionary<string, NamedTensor> tensors, string prefix, string source)
    {
        foreach (var parameter in parameters.Parameters)
            parameters.Window(flat, parameter).CopyFrom(parameter.FromFile(NamedTensor.Find(tensors, prefix + parameter.Name, parameter.FileShape, source).Values));
    }
}

using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;

namespace Srcnn.Kernels;

/// <summary>The arrays a kernel is given, found among its fields.</summary>
internal static class KernelBytes
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    /// <summary>Their bytes, each counted once: what must move at least if nothing is in a cache.</summary>
    public static double Of(object kernel) => Arrays(kernel).Distinct().Sum(array => (double)array.LengthInBytes);

    private static IEnumerable<ArrayView<float>> Arrays(object structure)
    {
        foreach (var field in Fields.GetOrAdd(structure.GetType(), type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)))
        {
            var value = field.GetValue(structure)!;
            if (value is ArrayView<float> array) yield return array;
            else if (field.FieldType is { IsPrimitive: false, IsEnum: false })
            {
                foreach (var inner in Arrays(value)) yield return inner;
            }
        }
    }
}

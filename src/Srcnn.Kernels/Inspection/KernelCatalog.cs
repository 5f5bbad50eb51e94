namespace Srcnn.Kernels;

/// <summary>Every kernel of the ILGPU backend.</summary>
public static class KernelCatalog
{
    /// <summary>Threads hold up to so many neighbouring floats.</summary>
    private const int MostLanes = 32;

    /// <summary>All kernel structs of the assembly, by name; generic ones once for every number of lanes.</summary>
    public static IReadOnlyList<Kernel> All { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes()
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(type => type.IsGenericTypeDefinition ? Lanes().Select(lanes => type.MakeGenericType(lanes)) : [type])
            .Select(type => new Kernel(type)),
    ];

    private static IEnumerable<Type> Lanes()
    {
        yield return typeof(Lane);
        var type = typeof(Pair<Pair<Lane>>);
        for (var lanes = 4; lanes <= MostLanes; lanes *= 2)
        {
            yield return type;
            type = typeof(Pair<>).MakeGenericType(type);
        }
    }
}

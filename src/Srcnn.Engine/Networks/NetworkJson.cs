using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Srcnn.Engine.Networks;

/// <summary>
/// Writes and reads the parameters of a configuration's constructor as one flat JSON object. The serializer does the same, but starting
/// it costs more time than enlarging a small picture.
/// </summary>
internal static class NetworkJson
{
    /// <exception cref="NotSupportedException">The constructor takes what cannot be written.</exception>
    public static void Check(Type type)
    {
        foreach (var parameter in Parameters(type, out _))
        {
            if (Kind(parameter) is var kind && kind != typeof(int) && kind != typeof(bool) && !kind.IsEnum) throw Unsupported(parameter);
        }
    }

    public static string Write(NetworkConfig config)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var parameter in Parameters(config.GetType(), out _))
            {
                json.WritePropertyName(Key(parameter.Name!));
                switch (config.GetType().GetProperty(parameter.Name!)!.GetValue(config))
                {
                    case null: json.WriteNullValue(); break;
                    case int number: json.WriteNumberValue(number); break;
                    case bool flag: json.WriteBooleanValue(flag); break;
                    case Enum choice: json.WriteStringValue(Key(choice.ToString())); break;
                    default: throw Unsupported(parameter);
                }
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>What is not in the text keeps the constructor's default.</summary>
    /// <exception cref="JsonException">A key is unknown, or a value of the wrong kind.</exception>
    public static NetworkConfig Read(Type type, string text)
    {
        var parameters = Parameters(type, out var constructor);
        var values = Array.ConvertAll(parameters, p => p.DefaultValue);
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("the configuration is no JSON object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            var index = Array.FindIndex(parameters, p => Key(p.Name!) == key);
            if (index < 0) throw new JsonException($"'{key}' is no part of the configuration");
            json.Read();
            if (json.TokenType == JsonTokenType.Null && IsOptional(parameters[index])) values[index] = null;
            else values[index] = Value(ref json, parameters[index]) ?? throw new JsonException($"'{key}' has a value of the wrong kind");
        }
        json.Read(); // whatever follows the object is refused here
        return (NetworkConfig)constructor.Invoke(values);
    }

    private static object? Value(ref Utf8JsonReader json, ParameterInfo parameter)
    {
        var type = Kind(parameter);
        if (type == typeof(int)) return json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var number) ? number : null;
        if (type == typeof(bool)) return json.TokenType is JsonTokenType.True or JsonTokenType.False ? json.GetBoolean() : null;
        if (!type.IsEnum) throw Unsupported(parameter);
        var text = json.TokenType == JsonTokenType.String ? json.GetString() : null;
        var name = Array.Find(Enum.GetNames(type), n => Key(n) == text);
        return name is null ? null : Enum.Parse(type, name);
    }

    private static Type Kind(ParameterInfo parameter) => Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;

    private static bool IsOptional(ParameterInfo parameter) => Nullable.GetUnderlyingType(parameter.ParameterType) is not null;

    private static ParameterInfo[] Parameters(Type type, out ConstructorInfo constructor)
    {
        constructor = type.GetConstructors().Single();
        return constructor.GetParameters();
    }

    private static string Key(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static NotSupportedException Unsupported(ParameterInfo parameter) =>
        new($"a configuration's {parameter.Name} is a {parameter.ParameterType.Name}; expected int, bool or an enum; choose one of them");
}
